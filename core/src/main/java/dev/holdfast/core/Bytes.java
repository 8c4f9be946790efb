package dev.holdfast.core;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An immutable sequence of bytes with value equality, ordered as unsigned bytes from left to right.
 * Thread-safe.
 */
public final class Bytes implements Comparable<Bytes> {
    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private static final String DIGITS = "0123456789abcdef";

    private final byte[] array;
    private int hash;

    private Bytes(byte[] array) {
        this.array = array;
    }

    /** A copy of {@code array}. */
    public static Bytes copyOf(byte[] array) {
        return array.length == 0 ? EMPTY : new Bytes(array.clone());
    }

    /** Takes {@code array} over without a copy: the caller must not touch it again. */
    public static Bytes wrap(byte[] array) {
        return array.length == 0 ? EMPTY : new Bytes(array);
    }

    /**
     * Reads lower- or upper-case hexadecimal.
     *
     * @throws MalformedException on an odd length or another character
     */
    public static Bytes fromHex(String hex) {
        if (hex.length() % 2 != 0) throw new MalformedException("hex of odd length");
        byte[] bytes = new byte[hex.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            int high = hexDigit(hex.charAt(2 * i));
            int low = hexDigit(hex.charAt(2 * i + 1));
            if (high < 0 || low < 0) throw new MalformedException("not hexadecimal");
            bytes[i] = (byte) (high << 4 | low);
        }
        return wrap(bytes);
    }

    /** What a hexadecimal digit stands for, else -1; those of other scripts are none. */
    public static int hexDigit(char c) {
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
        return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    }

    public int size() {
        return array.length;
    }

    public byte at(int index) {
        return array[index];
    }

    /** A copy as an array. */
    public byte[] toArray() {
        return array.clone();
    }

    /** The array itself, for readers that promise not to change it. */
    public byte[] unsafeArray() {
        return array;
    }

    /** The bytes from {@code from}, inclusive, to {@code to}, exclusive. */
    public Bytes slice(int from, int to) {
        return wrap(Arrays.copyOfRange(array, from, to));
    }

    public Bytes concat(Bytes other) {
        byte[] joined = Arrays.copyOf(array, array.length + other.array.length);
        System.arraycopy(other.array, 0, joined, array.length, other.array.length);
        return wrap(joined);
    }

    public String hex() {
        StringBuilder text = new StringBuilder(2 * array.length);
        for (byte b : array) {
            text.append(DIGITS.charAt(b >> 4 & 15)).append(DIGITS.charAt(b & 15));
        }
        return text.toString();
    }

    @Override
    public int compareTo(Bytes other) {
        int common = Math.min(array.length, other.array.length);
        for (int i = 0; i < common; i++) {
            int order = (array[i] & 0xff) - (other.array[i] & 0xff);
            if (order != 0) return order;
        }
        return array.length - other.array.length;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Bytes bytes && Arrays.equals(array, bytes.array);
    }

    @Override
    public int hashCode() {
        int known = hash;
        if (known == 0) hash = known = Arrays.hashCode(array);
        return known;
    }

    /**
     * The first bytes in hexadecimal; never the whole of something long, which may be a payload.
     */
    @Override
    public String toString() {
        return array.length <= 32 ? hex() : slice(0, 16).hex() + "…(" + array.length + " B)";
    }
}
