package dev.holdfast.steer.dns;

import dev.holdfast.steer.zone.Network;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How many answers each network of clients has had of late: a token bucket for each, in a table
 * that never grows. Who forges the addresses of others is to gain nothing by asking here.
 * Lock-free.
 *
 * <p>An entry is a word: 20 bits of a keyed hash of the network, the time to which it was counted
 * in 1/64 s, and how many answers are not yet made up for by time. Four entries share a place;
 * where a fifth network comes, it takes that of the one with the least to make up for, so that a
 * flood of networks cannot wash out the one that is over its limit.
 */
final class RateLimit {
    private static final int PLACES = 1 << 14;
    private static final int WAYS = 4;
    private static final int TIME_BITS = 24;
    private static final int DEBT_BITS = 20;
    private static final int TIME_MASK = (1 << TIME_BITS) - 1;
    private static final int DEBT_MASK = (1 << DEBT_BITS) - 1;
    private static final int TICKS_PER_SECOND = 64;

    private final AtomicLongArray table = new AtomicLongArray(PLACES * WAYS);
    private final int perSecond;
    private final long secret;
    private final List<byte[]> exempt;
    private final int[] exemptBits;

    /** With a secret that nobody can choose networks by. */
    RateLimit(DnsSettings.Rate settings, long secret) {
        this.perSecond = settings.perSecond();
        this.secret = secret;
        var networks = settings.exempt().stream().map(Network::parse).toList();
        this.exempt = networks.stream().map(network -> network.address().getAddress()).toList();
        this.exemptBits = networks.stream().mapToInt(network -> network.bits()).toArray();
    }

    /** Counts an answer to {@code client}; false when its network has had enough. */
    boolean take(byte[] client, long millis) {
        if (perSecond == 0 || isExempt(client)) return true;
        long hash = hash(client);
        int place = (int) (hash >>> 50) * WAYS;
        long tag = hash & 0xfffff;
        int now = (int) (millis * TICKS_PER_SECOND / 1000) & TIME_MASK;
        while (true) {
            int at = place(place, tag, now);
            long before = table.get(at);
            boolean known = tag(before) == tag && before != 0;
            int debt = known ? debt(before, now) : 0;
            if (debt >= perSecond) return false;
            // Time that has not made up for a whole answer yet is kept for the next.
            int counted = debt == 0 ? now : counted(before, now);
            long after = pack(tag, counted, debt + 1);
            if (table.compareAndSet(at, before, after)) return true;
        }
    }

    private int place(int place, long tag, int now) {
        int least = place;
        int leastDebt = Integer.MAX_VALUE;
        for (int at = place; at < place + WAYS; at++) {
            long entry = table.get(at);
            if (entry != 0 && tag(entry) == tag) return at;
            int debt = entry == 0 ? -1 : debt(entry, now);
            if (debt < leastDebt) {
                leastDebt = debt;
                least = at;
            }
        }
        return least;
    }

    private int debt(long entry, int now) {
        return Math.max(0, (int) (entry & DEBT_MASK) - madeUp(entry, now));
    }

    private int madeUp(long entry, int now) {
        long ticks = ((long) now - time(entry)) & TIME_MASK;
        return (int) Math.min(DEBT_MASK, ticks * perSecond / TICKS_PER_SECOND);
    }

    private int counted(long entry, int now) {
        int whole = madeUp(entry, now);
        return (time(entry) + (int) ((long) whole * TICKS_PER_SECOND / perSecond)) & TIME_MASK;
    }

    private boolean isExempt(byte[] client) {
        for (int i = 0; i < exemptBits.length; i++) {
            byte[] network = exempt.get(i);
            if (network.length == client.length && begins(client, network, exemptBits[i]))
                return true;
        }
        return false;
    }

    private static boolean begins(byte[] address, byte[] network, int bits) {
        int whole = bits >> 3;
        for (int i = 0; i < whole; i++) {
            if (address[i] != network[i]) return false;
        }
        int rest = bits & 7;
        return rest == 0 || ((address[whole] ^ network[whole]) & (0xff00 >> rest) & 0xff) == 0;
    }

    /** Of the /24 or /56. */
    private long hash(byte[] client) {
        int bytes = client.length == 4 ? 3 : 7;
        long hash = secret ^ client.length;
        for (int i = 0; i < bytes; i++) {
            hash = (hash ^ (client[i] & 0xff)) * 0x9e3779b97f4a7c15L;
            hash ^= hash >>> 29;
        }
        hash *= 0xbf58476d1ce4e5b9L;
        return hash ^ (hash >>> 32);
    }

    private static long tag(long entry) {
        return entry >>> (TIME_BITS + DEBT_BITS);
    }

    private static int time(long entry) {
        return (int) (entry >>> DEBT_BITS) & TIME_MASK;
    }

    private static long pack(long tag, int time, int debt) {
        return tag << (TIME_BITS + DEBT_BITS)
                | (long) time << DEBT_BITS
                | Math.min(debt, DEBT_MASK);
    }
}
