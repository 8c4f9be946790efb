package dev.holdfast.node.backbone;

import java.util.Optional;

/**
 * Whether one link works, in both directions, as one end sees it; a machine without clock.
 *
 * <p>It works while probes come back. That something arrives from the other side proves nothing:
 * the way there may be a hole. Each end probes for itself, and each echo also says what the other
 * end counts as lost of this end's probes. A probe's number is the moment at which it was due,
 * counted in intervals also while there was no connection, so that the other end sees what is
 * missing.
 *
 * <p>A link that went down is to be relied on only after it has been up for a while, the longer the
 * more often it went down lately.
 *
 * <p>Times are microseconds of any one clock that never goes back. Not thread-safe.
 */
final class LinkHealth {
    /**
     * Tenths of an interval without an echo after which a link is down: one probe was not answered
     * in most of an interval, which leaves TCP the time to send twice again, and the next is due.
     */
    private static final int SILENT_TENTHS = 18;

    private static final int REMEMBERED = 64;
    private static final int STEADY_PROBES = 3;
    private static final int STEADY_DOUBLINGS = 4;

    /** Up for so many intervals, earlier failures are forgotten. */
    private static final int FORGIVEN_PROBES = 120;

    /** A sixteenth of each probe's fate goes into the loss. */
    private static final int LOSS_WEIGHT = 16;

    private static final int MAX_GAP = 32;

    private final long probeMicros;
    private final long[] sentAt = new long[REMEMBERED];

    private boolean connected;
    private long connectedAt;
    private long due;
    private long seq;
    private long firstSeqOfConnection;
    private boolean up;
    private long upSince;
    private long provenAt;
    private int failures;
    private long rttMicros;
    private int lossOutPermille;

    // Of the other side's probes.
    private long heardSeq = -1;
    private long earliestLag;
    private double lossIn;

    LinkHealth(long probeMicros, long now) {
        this.probeMicros = probeMicros;
        this.due = now;
    }

    void connected(long now) {
        connected = true;
        connectedAt = now;
        provenAt = now;
        // The first probe goes at once, and early rather than late: else all that follow were late.
        skipTo(now);
        if (due < now) seq++;
        due = now;
        firstSeqOfConnection = seq + 1;
    }

    void disconnected(long now) {
        connected = false;
        if (!up) return;
        up = false;
        if (now - upSince > FORGIVEN_PROBES * probeMicros) failures = 0;
        failures = Math.min(failures + 1, STEADY_DOUBLINGS + 1);
    }

    /** The number of a probe, where one is to be sent now. */
    Optional<Long> probe(long now) {
        if (!connected || now < due) return Optional.empty();
        skipTo(now);
        seq++;
        due += probeMicros;
        sentAt[(int) (seq % REMEMBERED)] = now;
        return Optional.of(seq);
    }

    private void skipTo(long now) {
        long missed = Math.max(0, (now - due) / probeMicros);
        seq += missed;
        due += missed * probeMicros;
    }

    /** An echo came. */
    void echoed(long echoed, int lossPermille, long now) {
        if (!connected || echoed < firstSeqOfConnection || echoed > seq) return;
        if (seq - echoed >= REMEMBERED) return;
        long sent = sentAt[(int) (echoed % REMEMBERED)];
        long rtt = Math.max(0, now - sent);
        rttMicros = rttMicros == 0 ? Math.max(1, rtt) : rttMicros + (rtt - rttMicros) / 8;
        lossOutPermille = lossPermille;
        if (!up) {
            up = true;
            upSince = now;
        }
        proven(sent);
    }

    /** What was sent at {@code sent}, on this connection, is known to have arrived. */
    void proven(long sent) {
        if (connected && sent >= connectedAt) provenAt = Math.max(provenAt, sent);
    }

    /** A probe of the other side came. */
    void heard(long theirs, long now) {
        long lag = now - theirs * probeMicros;
        if (heardSeq < 0 || theirs <= heardSeq) { // the first, or of a process that began anew
            heardSeq = theirs;
            earliestLag = lag;
            return;
        }
        for (long gap = Math.min(theirs - heardSeq - 1, MAX_GAP); gap > 0; gap--) count(1);
        heardSeq = theirs;
        // The two clocks drift: what was the earliest once is not for ever.
        earliestLag = Math.min(lag, earliestLag + probeMicros / 1_000);
        count(lag - earliestLag > probeMicros / 2 ? 1 : 0);
    }

    private void count(int lost) {
        lossIn += (lost * 1_000 - lossIn) / LOSS_WEIGHT;
    }

    /** Whether a connection gives no sign that it works, and is to be thrown away. */
    boolean isSilent(long now) {
        if (!connected) return false;
        long slack = Math.clamp(2 * rttMicros, probeMicros / 10, probeMicros);
        return now - provenAt > SILENT_TENTHS * probeMicros / 10 + slack;
    }

    boolean isUp() {
        return up;
    }

    /** Whether it has been up for as long as it takes to be relied on. */
    boolean isSettled(long now) {
        return up && now - upSince >= steadyMicros();
    }

    private long steadyMicros() {
        return failures == 0 ? 0 : probeMicros * STEADY_PROBES << failures - 1;
    }

    long rttMicros() {
        return rttMicros;
    }

    /** Of what this end sends. */
    int lossOutPermille() {
        return lossOutPermille;
    }

    /** Of what the other end sends. */
    int lossInPermille() {
        return (int) Math.round(lossIn);
    }
}
