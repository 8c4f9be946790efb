package dev.holdfast.core.operation;

import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;

/**
 * A reading of a hybrid logical clock (Kulkarni et al. 2014): 48 bits of milliseconds since 1970
 * and 16 of a counter, in one long.
 */
public record Hlc(long packed) implements Comparable<Hlc> {
    public static final Hlc ZERO = new Hlc(0);

    public Hlc {
        if (packed < 0 || packed >>> 16 > Limits.MAX_MILLIS)
            throw new MalformedException("a clock outside its range");
    }

    public static Hlc of(long millis, int counter) {
        return new Hlc(millis << 16 | counter);
    }

    public long millis() {
        return packed >>> 16;
    }

    public int counter() {
        return (int) packed & 0xffff;
    }

    /** The least reading after this one; past the counter's end it borrows the next millisecond. */
    public Hlc next() {
        return new Hlc(packed + 1);
    }

    public static Hlc max(Hlc a, Hlc b) {
        return a.packed >= b.packed ? a : b;
    }

    public static Hlc min(Hlc a, Hlc b) {
        return a.packed <= b.packed ? a : b;
    }

    @Override
    public int compareTo(Hlc other) {
        return Long.compare(packed, other.packed);
    }
}
