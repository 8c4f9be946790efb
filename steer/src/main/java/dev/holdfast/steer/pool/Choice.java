package dev.holdfast.steer.pool;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Which endpoints of a pool an answer names for the users of one line, at one moment, and why each
 * of the others is not named. It is made once for all answers of that moment; what differs from
 * client to client is only {@link #draw}. Immutable.
 *
 * <p>A name that resolves to nothing helps nobody, so there is always somebody to choose from: of
 * those that are for the line, those that are not known to be down; else all that nobody has taken
 * out, as if all were up; else all.
 *
 * <p>Lots and sticky choices are one computation: each endpoint draws a number from the seed and
 * its own name, divided by its weight, and the least win (rendezvous hashing, Thaler and
 * Ravishankar 1998, with the weights of Efraimidis and Spirakis 2006). With the client's network
 * for a seed, the same client gets the same endpoint from every node, and one that fails moves
 * nobody but its own clients.
 */
public final class Choice {
    /** Who could be chosen from. */
    public enum Among {
        WORKING("those that work"),
        ALL_DOWN("all, since all are down"),
        ALL_DRAINED("those taken out, since there is nobody else");

        private final String words;

        Among(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /**
     * One endpoint of the pool.
     *
     * @param leads whether an answer may name it now
     * @param reason why, or why not
     */
    public record Considered(Endpoint endpoint, Standing standing, boolean leads, String reason) {}

    private final Pool pool;
    private final String line;
    private final Among among;
    private final List<Considered> considered;
    private final long leading;
    private final boolean fixed;
    private final long[] hashes;
    private final double[] weights;

    /** What {@code pool} answers the users of {@code line}, who are at {@code place}. */
    public static Choice of(Pool pool, String line, Optional<Place> place, Standings standings) {
        return new Choice(pool, line, place, standings);
    }

    private Choice(Pool pool, String line, Optional<Place> place, Standings standings) {
        this.pool = pool;
        this.line = line;
        List<Standing> stands =
                pool.endpoints().stream()
                        .map(endpoint -> standings.of(endpoint.name(), line))
                        .toList();
        List<Integer> here = all(pool, index -> pool.endpoints().get(index).isFor(line));
        List<Integer> kept =
                select(here, index -> !(stands.get(index) instanceof Standing.Drained));
        List<Integer> working =
                select(
                        kept,
                        index ->
                                switch (stands.get(index)) {
                                    case Standing.Up _, Standing.Unjudged _ -> true;
                                    case Standing.Down _, Standing.Drained _ -> false;
                                });
        this.among =
                !working.isEmpty()
                        ? Among.WORKING
                        : kept.isEmpty() ? Among.ALL_DRAINED : Among.ALL_DOWN;
        List<Integer> candidates =
                switch (among) {
                    case WORKING -> working;
                    case ALL_DOWN -> kept;
                    case ALL_DRAINED -> here;
                };
        String[] reasons = new String[pool.endpoints().size()];
        List<Integer> leaders = leaders(candidates, place, reasons);
        this.weights = new double[reasons.length];
        this.hashes = new long[reasons.length];
        for (int index : leaders) {
            Endpoint endpoint = pool.endpoints().get(index);
            weights[index] = Math.max(1, endpoint.weight());
            hashes[index] = hash(endpoint.name().endpoint());
        }
        this.leading = bits(leaders);
        this.fixed = leaders.size() <= pool.settings().answers();
        List<Considered> all = new ArrayList<>();
        for (int i = 0; i < reasons.length; i++) {
            Endpoint endpoint = pool.endpoints().get(i);
            String reason = reasons[i];
            if (!here.contains(i)) reason = "not for the line " + line;
            else if (!candidates.contains(i)) reason = stands.get(i).reason();
            all.add(new Considered(endpoint, stands.get(i), leaders.contains(i), reason));
        }
        this.considered = List.copyOf(all);
    }

    /** Of the candidates, those that the policy puts first; says in {@code reasons} why. */
    private List<Integer> leaders(
            List<Integer> candidates, Optional<Place> place, String[] reasons) {
        List<Endpoint> endpoints = pool.endpoints();
        List<Integer> first =
                switch (pool.settings().policy()) {
                    case FAILOVER -> byPriority(candidates, reasons);
                    case WEIGHTED -> {
                        candidates.forEach(index ->
                                reasons[index] = "weight " + endpoints.get(index).weight());
                        yield candidates;
                    }
                    case NEAREST ->
                            place.isPresent()
                                    ? byDistance(candidates, place.get(), reasons)
                                    : byPriority(candidates, reasons);
                };
        List<Integer> weighty = select(first, index -> endpoints.get(index).weight() > 0);
        if (weighty.isEmpty()) return first;
        for (int index : first) {
            if (!weighty.contains(index)) reasons[index] = "weight 0, and others have more";
        }
        return weighty;
    }

    private List<Integer> byPriority(List<Integer> candidates, String[] reasons) {
        int lowest =
                candidates.stream()
                        .mapToInt(index -> pool.endpoints().get(index).priority())
                        .min()
                        .orElse(0);
        for (int index : candidates) {
            int priority = pool.endpoints().get(index).priority();
            reasons[index] =
                    priority == lowest
                            ? "priority " + priority
                            : "priority " + priority + ", after " + lowest;
        }
        return select(candidates, index -> pool.endpoints().get(index).priority() == lowest);
    }

    private List<Integer> byDistance(List<Integer> candidates, Place from, String[] reasons) {
        double[] away = new double[reasons.length];
        for (int index : candidates) {
            Optional<Place> at = pool.endpoints().get(index).place();
            away[index] = at.map(from::kilometresTo).orElse(Double.POSITIVE_INFINITY);
            reasons[index] =
                    at.isPresent()
                            ? String.format(Locale.ROOT, "%,.0f km away", away[index])
                            : "nobody says where it is";
        }
        List<Integer> sorted = new ArrayList<>(candidates);
        sorted.sort(
                Comparator.<Integer>comparingDouble(index -> away[index])
                        .thenComparingInt(index -> pool.endpoints().get(index).priority()));
        List<Integer> nearest =
                sorted.subList(0, Math.min(sorted.size(), pool.settings().answers()));
        for (int index : sorted) {
            if (!nearest.contains(index)) reasons[index] += ", others are nearer";
        }
        return nearest;
    }

    /** Whether every client is given the same. */
    public boolean isFixed() {
        return fixed;
    }

    /** Whether a client's network decides; else a lot does, unless it is fixed. */
    public boolean isSticky() {
        return !fixed && pool.settings().sticky();
    }

    /**
     * The endpoints that one answer names, as bits by their place in the pool.
     *
     * @param seed of the client's network where the choice is sticky, else a lot
     */
    public long draw(long seed) {
        if (fixed) return leading;
        int wanted = pool.settings().answers();
        long drawn = 0;
        for (int n = 0; n < wanted; n++) {
            int best = -1;
            double least = Double.POSITIVE_INFINITY;
            for (long rest = leading & ~drawn; rest != 0; rest &= rest - 1) {
                int index = Long.numberOfTrailingZeros(rest);
                double unit = ((mix(seed ^ hashes[index]) >>> 11) + 0.5) * 0x1p-53;
                double key = -Math.log(unit) / weights[index];
                if (key < least) {
                    least = key;
                    best = index;
                }
            }
            drawn |= 1L << best;
        }
        return drawn;
    }

    /** The endpoints that {@code bits} are, by priority. */
    public List<Endpoint> endpoints(long bits) {
        List<Endpoint> chosen = new ArrayList<>();
        for (long rest = bits; rest != 0; rest &= rest - 1)
            chosen.add(pool.endpoints().get(Long.numberOfTrailingZeros(rest)));
        chosen.sort(Comparator.comparingInt(Endpoint::priority));
        return chosen;
    }

    public Pool pool() {
        return pool;
    }

    public String line() {
        return line;
    }

    public Among among() {
        return among;
    }

    /** Every endpoint of the pool, in the order of the file. */
    public List<Considered> considered() {
        return considered;
    }

    /** A seed of a client's network, the same on every node. */
    public static long seed(byte[] address, int bits) {
        long hash = bits;
        for (int i = 0; i < address.length; i++) {
            int kept = Math.clamp(bits - 8L * i, 0, 8);
            hash = mix(hash * 31 + (address[i] & (0xff00 >> kept) & 0xff));
        }
        return hash;
    }

    private static long hash(String name) {
        long hash = name.length();
        for (int i = 0; i < name.length(); i++) hash = mix(hash * 31 + name.charAt(i));
        return hash;
    }

    /** Every bit of what comes in changes half of those that go out (splitmix64). */
    private static long mix(long bits) {
        long z = bits + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    private static List<Integer> all(Pool pool, Predicate<Integer> which) {
        List<Integer> indexes = new ArrayList<>();
        for (int i = 0; i < pool.endpoints().size(); i++) {
            if (which.test(i)) indexes.add(i);
        }
        return indexes;
    }

    private static List<Integer> select(List<Integer> from, Predicate<Integer> which) {
        return from.stream().filter(which).toList();
    }

    private static long bits(List<Integer> indexes) {
        return indexes.stream().mapToLong(index -> 1L << index).reduce(0, (a, b) -> a | b);
    }
}
