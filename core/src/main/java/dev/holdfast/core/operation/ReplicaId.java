package dev.holdfast.core.operation;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Sha256;

/**
 * The name of an author of operations: the first 16 bytes of the SHA-256 of its raw Ed25519 public
 * key. Ordered as unsigned bytes.
 */
public record ReplicaId(long high, long low) implements Comparable<ReplicaId> {
    public static final int BYTES = 16;

    /** The id of whoever holds the private half of {@code publicKey} (32 raw bytes). */
    public static ReplicaId ofKey(Bytes publicKey) {
        return of(Sha256.of(publicKey).slice(0, BYTES));
    }

    public static ReplicaId of(Bytes bytes) {
        if (bytes.size() != BYTES) throw new MalformedException("a replica id has 16 bytes");
        return new ReplicaId(read(bytes, 0), read(bytes, 8));
    }

    /** Reads 32 hexadecimal digits. */
    public static ReplicaId parse(String hex) {
        return of(Bytes.fromHex(hex));
    }

    public Bytes bytes() {
        byte[] out = new byte[BYTES];
        write((int) (high >>> 32), out, 0);
        write((int) high, out, 4);
        write((int) (low >>> 32), out, 8);
        write((int) low, out, 12);
        return Bytes.wrap(out);
    }

    /** The first byte, by which ranges of a context are compared. */
    public int prefix() {
        return (int) (high >>> 56);
    }

    @Override
    public int compareTo(ReplicaId other) {
        int order = Long.compareUnsigned(high, other.high);
        return order != 0 ? order : Long.compareUnsigned(low, other.low);
    }

    @Override
    public String toString() {
        return bytes().hex();
    }

    // By ints: every entry of a document names one, and a long is dear where this is JavaScript.

    private static void write(int value, byte[] out, int at) {
        for (int i = 0; i < 4; i++) out[at + i] = (byte) (value >>> 24 - 8 * i);
    }

    private static long read(Bytes bytes, int from) {
        return (long) readInt(bytes, from) << 32 | readInt(bytes, from + 4) & 0xffffffffL;
    }

    private static int readInt(Bytes bytes, int from) {
        int value = 0;
        for (int i = from; i < from + 4; i++) value = value << 8 | bytes.at(i) & 0xff;
        return value;
    }
}
