package dev.holdfast.steer.dns;

import dev.holdfast.steer.zone.Network;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How many answers each network of clients has had of late, in a table that never grows. Who forges
 * the addresses of others is to gain nothing by asking here. Lock-free.
 *
 * <p>An entry is a word: 20 bits of a keyed hash of the network, and the microsecond at which it
 * will have had no more than its share (the generic cell rate algorithm, ITU-T I.371): each answer
 * puts that off by one share, and it may lie a second ahead. Four entries stand in one place; where
 * a fifth network comes, it takes that of the one that is least ahead, so that a flood of networks
 * cannot wash out the one that is over its limit.
 */
final class RateLimit {
    private static final int PLACES = 1 << 14;
    private static final int WAYS = 4;
    private static final int TIME_BITS = 44;
    private static final long TIME_MASK = (1L << TIME_BITS) - 1;
    private static final long SECOND_MICROS = 1_000_000;

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
        long now = millis * 1000 & TIME_MASK;
        long share = SECOND_MICROS / perSecond;
        while (true) {
            int at = place(place, tag, now);
            long before = table.get(at);
            long ahead = isOf(before, tag) ? ahead(before, now) : 0;
            if (ahead + share > SECOND_MICROS) return false;
            long after = tag << TIME_BITS | (now + ahead + share & TIME_MASK);
            if (table.compareAndSet(at, before, after)) return true;
        }
    }

    private int place(int place, long tag, long now) {
        int least = place;
        long leastAhead = Long.MAX_VALUE;
        for (int at = place; at < place + WAYS; at++) {
            long entry = table.get(at);
            if (isOf(entry, tag)) return at;
            long ahead = ahead(entry, now);
            if (ahead < leastAhead) {
                leastAhead = ahead;
                least = at;
            }
        }
        return least;
    }

    private static boolean isOf(long entry, long tag) {
        return entry != 0 && entry >>> TIME_BITS == tag;
    }

    /** How far ahead of now an entry's time is; times go round, and none lies far ahead. */
    private static long ahead(long entry, long now) {
        long ahead = (entry & TIME_MASK) - now & TIME_MASK;
        return ahead <= SECOND_MICROS ? ahead : 0;
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
}
