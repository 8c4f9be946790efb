package dev.holdfast.core.merge;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A set of sequence numbers as disjoint intervals in order, with gaps between them; nearly always
 * one. Immutable, with value equality.
 */
public final class Intervals {
    public static final Intervals NONE = new Intervals(new long[0]);

    /** from, to, from, to …, both inclusive. */
    private final long[] ends;

    private Intervals(long[] ends) {
        this.ends = ends;
    }

    public static Intervals of(long from, long to) {
        if (from < 1 || to < from) throw new MalformedException("an interval that is none");
        return new Intervals(new long[] {from, to});
    }

    public int count() {
        return ends.length / 2;
    }

    public long from(int index) {
        return ends[2 * index];
    }

    public long to(int index) {
        return ends[2 * index + 1];
    }

    public boolean isEmpty() {
        return ends.length == 0;
    }

    /** The greatest member, or 0. */
    public long max() {
        return ends.length == 0 ? 0 : ends[ends.length - 1];
    }

    public boolean contains(long seq) {
        return contains(seq, seq);
    }

    /** Whether all of {@code from} to {@code to} are members. */
    public boolean contains(long from, long to) {
        int i = firstReaching(from);
        return i < ends.length && ends[i] <= from && ends[i + 1] >= to;
    }

    /** Whether any of {@code from} to {@code to} is a member. */
    public boolean overlaps(long from, long to) {
        int i = firstReaching(from);
        return i < ends.length && ends[i] <= to;
    }

    public Intervals with(long from, long to) {
        int start = 0;
        while (start < ends.length && ends[start + 1] + 1 < from) start += 2;
        int stop = start;
        long low = from;
        long high = to;
        while (stop < ends.length && ends[stop] <= to + 1) {
            low = Math.min(low, ends[stop]);
            high = Math.max(high, ends[stop + 1]);
            stop += 2;
        }
        long[] joined = new long[ends.length - (stop - start) + 2];
        System.arraycopy(ends, 0, joined, 0, start);
        joined[start] = low;
        joined[start + 1] = high;
        System.arraycopy(ends, stop, joined, start + 2, ends.length - stop);
        return new Intervals(joined);
    }

    public Intervals union(Intervals other) {
        if (isEmpty() || other.isEmpty()) return isEmpty() ? other : this;
        if (other.count() == 1) return with(other.from(0), other.to(0));
        // Both from left to right at once: they may be as many as a stranger likes.
        Builder union = new Builder(count() + other.count());
        int i = 0;
        int j = 0;
        while (i < count() || j < other.count()) {
            boolean mine = j == other.count() || i < count() && from(i) <= other.from(j);
            if (mine) union.add(from(i), to(i++));
            else union.add(other.from(j), other.to(j++));
        }
        return union.built();
    }

    /** The members that {@code other} has not. */
    public Intervals minus(Intervals other) {
        Builder left = new Builder(count() + other.count());
        for (int i = 0; i < count(); i++) {
            long at = from(i);
            for (int j = other.firstReaching(at) / 2;
                    j < other.count() && other.from(j) <= to(i);
                    j++) {
                if (other.from(j) > at) left.add(at, other.from(j) - 1);
                at = other.to(j) + 1;
            }
            if (at <= to(i)) left.add(at, to(i));
        }
        return left.built();
    }

    /** Intervals that come in the order of their beginnings; those that touch become one. */
    private static final class Builder {
        private final long[] ends;
        private int size;

        Builder(int most) {
            ends = new long[2 * most];
        }

        void add(long from, long to) {
            if (size > 0 && from <= ends[size - 1] + 1) {
                ends[size - 1] = Math.max(ends[size - 1], to);
            } else {
                ends[size++] = from;
                ends[size++] = to;
            }
        }

        Intervals built() {
            return size == 0 ? NONE : new Intervals(Arrays.copyOf(ends, size));
        }
    }

    /** The lowest {@code intervals} of them, or all. */
    public Intervals first(int intervals) {
        return intervals >= count() ? this : new Intervals(Arrays.copyOf(ends, 2 * intervals));
    }

    public void write(CborWriter out) {
        out.array(ends.length);
        long before = 0;
        for (long end : ends) {
            out.integer(end - before);
            before = end;
        }
    }

    public static Intervals read(CborReader in) {
        int count = in.array();
        if (count % 2 != 0) throw new MalformedException("half an interval");
        long[] ends = new long[count];
        long before = 0;
        for (int i = 0; i < count; i++) {
            // Between two intervals there is a gap, or they would be one.
            long step = in.unsigned(dev.holdfast.core.Limits.MAX_SEQ);
            if (i % 2 == 0 && step < (i == 0 ? 1 : 2))
                throw new MalformedException("intervals that touch");
            before = ends[i] = before + step;
            if (before > dev.holdfast.core.Limits.MAX_SEQ)
                throw new MalformedException("an interval beyond the sequence numbers");
        }
        return new Intervals(ends);
    }

    public Bytes encoded() {
        CborWriter out = new CborWriter(24);
        write(out);
        return out.toBytes();
    }

    public static Intervals decode(Bytes encoded) {
        CborReader in = new CborReader(encoded);
        Intervals intervals = read(in);
        in.finish();
        return intervals;
    }

    /** The index in {@code ends} of the first interval that ends at {@code seq} or later. */
    private int firstReaching(long seq) {
        int low = 0;
        int high = count();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ends[2 * middle + 1] < seq) low = middle + 1;
            else high = middle;
        }
        return 2 * low;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Intervals intervals && Arrays.equals(ends, intervals.ends);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ends);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count(); i++) {
            text.append(i == 0 ? "" : ",").append(from(i));
            if (to(i) > from(i)) text.append('-').append(to(i));
        }
        return text.toString();
    }
}
