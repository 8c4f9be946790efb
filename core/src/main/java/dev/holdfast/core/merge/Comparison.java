package dev.holdfast.core.merge;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.operation.ReplicaId;
import java.util.List;

/**
 * What one node answers to the digests of another's ranges.
 *
 * @param of names the digests that are answered (16 bytes), since by then the other may have others
 * @param same a bit for each range that is the same on both sides (32 bytes, the first range in the
 *     highest bit of the first)
 * @param context what this node has in the ranges that differ
 */
public record Comparison(Bytes of, Bytes same, Context context) {
    public static final int NAME_BYTES = 16;
    public static final int SAME_BYTES = Context.RANGES / 8;

    public Comparison {
        if (of.size() != NAME_BYTES || same.size() != SAME_BYTES)
            throw new MalformedException("a comparison of another size than it has");
    }

    /** Compares {@code mine} with the digests of another. */
    public static Comparison with(List<Bytes> digests, Context mine) {
        byte[] same = new byte[SAME_BYTES];
        Context differing = new Context();
        for (int range = 0; range < Context.RANGES; range++) {
            Bytes theirs = range < digests.size() ? digests.get(range) : Bytes.EMPTY;
            if (mine.rangeDigest(range).equals(theirs)) same[range / 8] |= bit(range);
            else differing.addAll(mine.range(range));
        }
        return new Comparison(name(digests), Bytes.wrap(same), differing);
    }

    /** What names a list of digests. */
    public static Bytes name(List<Bytes> digests) {
        CborWriter out = new CborWriter(digests.size() * 17 + 4).array(digests.size());
        digests.forEach(out::bytes);
        return Sha256.of(out.toBytes()).slice(0, NAME_BYTES);
    }

    /** Whether both have the same of {@code replica}. */
    public boolean isSame(ReplicaId replica) {
        return (same.at(replica.prefix() / 8) & bit(replica.prefix())) != 0;
    }

    private static byte bit(int range) {
        return (byte) (0x80 >> (range % 8));
    }
}
