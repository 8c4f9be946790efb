package dev.holdfast.core.operation;

import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;

/**
 * A reading of a hybrid logical clock (Kulkarni et al. 2014): 48 bits of milliseconds since 1970
 * and 16 of a counter, in one long.
 *
 * <p>Readings end at {@link Limits#MAX_MILLIS}, and at the end {@link #next} stays where it is:
 * were it an error, one operation stamped there would keep everybody from ever writing at its key
 * again. Since nothing is after the end, what was stamped there is never replaced; a write that saw
 * it stands beside it.
 */
public record Hlc(long packed) implements Comparable<Hlc> {
    public static final Hlc ZERO = new Hlc(0);

    public Hlc {
        if (packed < 0 || packed >>> 16 > Limits.MAX_MILLIS)
            throw new MalformedException("a clock outside its range");
    }

    /** The end of time. */
    public static final Hlc LAST = of(Limits.MAX_MILLIS, 0xffff);

    public static Hlc of(long millis, int counter) {
        return new Hlc(millis << 16 | counter);
    }

    public long millis() {
        return packed >>> 16;
    }

    public int counter() {
        return (int) packed & 0xffff;
    }

    /** A clock's time as a reading, though the clock be set to a time that no reading can have. */
    public static Hlc at(long millis) {
        return of(Math.max(0, Math.min(millis, Limits.MAX_MILLIS)), 0);
    }

    /** The least reading after this one; past the counter's end it borrows the next millisecond. */
    public Hlc next() {
        return packed == LAST.packed ? this : new Hlc(packed + 1);
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
