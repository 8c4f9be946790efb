package dev.holdfast.core.codec;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import java.util.Arrays;

/**
 * Writes deterministic CBOR (RFC 8949, section 4.2.1): definite lengths, the shortest form of each
 * number, map keys in the order of their encodings. Not thread-safe.
 */
public final class CborWriter {
    private byte[] out;
    private int size;

    public CborWriter() {
        this(256);
    }

    public CborWriter(int expectedBytes) {
        out = new byte[expectedBytes];
    }

    public static Bytes encode(Value value) {
        return new CborWriter(64).value(value).toBytes();
    }

    public CborWriter array(int items) {
        return head(4, items);
    }

    public CborWriter map(int fields) {
        return head(5, fields);
    }

    public CborWriter integer(long value) {
        return value >= 0 ? number(0, value) : number(1, ~value);
    }

    public CborWriter bool(boolean value) {
        return one(value ? 0xf5 : 0xf4);
    }

    public CborWriter nil() {
        return one(0xf6);
    }

    public CborWriter bytes(Bytes value) {
        return bytes(value.unsafeArray(), 0, value.size());
    }

    public CborWriter bytes(byte[] value, int from, int count) {
        head(2, count);
        room(count);
        System.arraycopy(value, from, out, size, count);
        size += count;
        return this;
    }

    public CborWriter text(String value) {
        int bytes = Utf8.length(value);
        head(3, bytes);
        room(bytes);
        size = Utf8.write(value, out, size);
        return this;
    }

    /**
     * Writes text.
     *
     * @throws MalformedException when it is nested deeper than a reader takes
     */
    public CborWriter value(Value value) {
        return value(value, Limits.NESTING);
    }

    private CborWriter value(Value value, int depth) {
        if (depth == 0) throw new MalformedException("nested deeper than " + Limits.NESTING);
        switch (value) {
            case Value.Nil nil -> nil();
            case Value.Bool bool -> bool(bool.value());
            case Value.Int number -> integer(number.value());
            case Value.Real number -> real(number.value());
            case Value.Text text -> text(text.value());
            case Value.Binary binary -> bytes(binary.value());
            case Value.Array array -> {
                array(array.items().size());
                for (Value item : array.items()) value(item, depth - 1);
            }
            case Value.Map map -> {
                map(map.fields().size());
                for (var field : map.fields().entrySet()) {
                    text(field.getKey());
                    value(field.getValue(), depth - 1);
                }
            }
        }
        return this;
    }

    /** Appends what is encoded already. */
    public CborWriter raw(Bytes encoded) {
        room(encoded.size());
        System.arraycopy(encoded.unsafeArray(), 0, out, size, encoded.size());
        size += encoded.size();
        return this;
    }

    public int size() {
        return size;
    }

    public Bytes toBytes() {
        return Bytes.wrap(Arrays.copyOf(out, size));
    }

    private void real(double value) {
        float single = HalfFloat.single(value);
        if (single != value) {
            long bits = Double.doubleToLongBits(value);
            one(0xfb).fixed((int) (bits >>> 32), 4).fixed((int) bits, 4);
            return;
        }
        int half = HalfFloat.exactly(single);
        if (half >= 0) one(0xf9).fixed(half, 2);
        else one(0xfa).fixed(Float.floatToIntBits(single), 4);
    }

    // Lengths, and most numbers, are ints: where this runs as JavaScript a long costs ten times
    // more.

    private CborWriter number(int major, long argument) {
        if (argument >>> 31 == 0) return head(major, (int) argument);
        int type = major << 5;
        if (argument >>> 32 == 0) return one(type | 26).fixed((int) argument, 4);
        return one(type | 27).fixed((int) (argument >>> 32), 4).fixed((int) argument, 4);
    }

    private CborWriter head(int major, int argument) {
        int type = major << 5;
        if (argument < 24) return one(type | argument);
        if (argument < 0x100) return one(type | 24).one(argument);
        if (argument < 0x10000) return one(type | 25).fixed(argument, 2);
        return one(type | 26).fixed(argument, 4);
    }

    private CborWriter one(int value) {
        room(1);
        out[size++] = (byte) value;
        return this;
    }

    private CborWriter fixed(int value, int bytes) {
        room(bytes);
        for (int i = bytes - 1; i >= 0; i--) out[size++] = (byte) (value >>> 8 * i);
        return this;
    }

    private void room(int bytes) {
        if (out.length - size < bytes)
            out = Arrays.copyOf(out, Math.max(2 * out.length, size + bytes));
    }
}
