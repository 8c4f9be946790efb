package dev.holdfast.core.operation;

import dev.holdfast.core.Limits;

/**
 * The hybrid logical clock of one author. Its physical time comes in with each call, so that
 * nothing here reads a clock. Not thread-safe: it belongs to whoever owns the author's store.
 */
public final class HlcClock {
    private Hlc last;

    /** Goes on after {@code last}, the newest reading that the store knows. */
    public HlcClock(Hlc last) {
        this.last = last;
    }

    public Hlc last() {
        return last;
    }

    /** A reading after every one before it, and at {@code nowMillis} if that is later. */
    public Hlc tick(long nowMillis) {
        last = Hlc.max(Hlc.at(nowMillis), last.next());
        return last;
    }

    /**
     * Learns of another's reading, but is never pulled further ahead of {@code nowMillis} than the
     * allowed drift.
     */
    public void observe(Hlc other, long nowMillis) {
        Hlc bound = Hlc.at(nowMillis + Limits.DRIFT_MILLIS);
        last = Hlc.max(last, Hlc.min(other, bound));
    }

    /**
     * Falls back to {@code nowMillis} if it ran ahead of it by more than the drift, once a region's
     * signed time has said what the time is. Operations stamped ahead are corrected apart; that a
     * write wins over what it saw rests on its reading being after theirs, not on this clock.
     */
    public void healed(long nowMillis) {
        if (last.millis() > nowMillis + Limits.DRIFT_MILLIS) last = Hlc.at(nowMillis);
    }
}
