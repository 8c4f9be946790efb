package dev.holdfast.steer.quorum;

import dev.holdfast.steer.health.Verdict;
import dev.holdfast.steer.pool.EndpointName;
import dev.holdfast.steer.pool.Standings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * One node's seat among those that judge together: what it sees itself, what it has heard of the
 * others and how long ago, and what follows from that. Without a thread: {@link CouncilDriver} asks
 * and tells. Thread-safe.
 *
 * <p>Reports are passed on with their age; the time that a message takes is not in it, and so the
 * number of a report tells which of two is newer. One that is older than {@link #FRESH} counts no
 * more, and after a minute is forgotten. Only nodes that the settings name are heard, so that there
 * are never more reports than those.
 */
public final class Council {
    /** Some periods of {@link CouncilDriver}, so that one lost message silences nobody. */
    public static final Duration FRESH = Duration.ofSeconds(5);

    private static final Duration FORGOTTEN = Duration.ofMinutes(1);

    /**
     * What is to be judged.
     *
     * @param lines those that have networks
     */
    public record Matter(Set<EndpointName> endpoints, Set<String> lines) {
        public Matter {
            endpoints = Set.copyOf(endpoints);
            lines = Set.copyOf(lines);
        }
    }

    /** What is seen of an endpoint, and whether anything is looked at at all. */
    public record Look(Verdict verdict, boolean counts) {}

    /** A report, and the moment of this node's clock at which it was true. */
    private record Heard(Report report, Instant at) {
        Duration age(Instant now) {
            return Duration.between(at, now);
        }

        /** Not if the clock was set back since: nobody knows then how old it is. */
        boolean fresh(Instant now) {
            return !at.isAfter(now) && age(now).compareTo(FRESH) <= 0;
        }
    }

    private final String node;
    private final String line;
    private final Set<String> others;
    private final Drains drains;
    private final Supplier<Map<EndpointName, Look>> sight;
    private final Map<String, Heard> heard = new HashMap<>();
    private long number;
    private volatile Decided decided = Decided.NOTHING;

    /**
     * @param node this node's name
     * @param line where it stands
     * @param others the names of those that are heard
     * @param sight what this node sees at the moment
     */
    public Council(
            String node,
            String line,
            Set<String> others,
            Drains drains,
            Supplier<Map<EndpointName, Look>> sight) {
        this.node = node;
        this.line = line;
        this.others = Set.copyOf(others);
        this.drains = drains;
        this.sight = sight;
    }

    /**
     * Takes in what another node told; answers what operators said to others and was news here.
     *
     * @throws dev.holdfast.keys.KeysException when that cannot be kept
     */
    public List<Drain> hear(Gossip gossip, Instant now) {
        synchronized (this) {
            for (Gossip.Aged aged : gossip.reports()) {
                String about = aged.report().node();
                if (!others.contains(about) || aged.age().compareTo(FORGOTTEN) > 0) continue;
                Heard news = new Heard(aged.report(), now.minus(aged.age()));
                Heard known = heard.get(about);
                boolean newer =
                        known == null
                                || known.at.isAfter(now)
                                || news.report.number() > known.report.number();
                if (newer) heard.put(about, news);
            }
        }
        return drains.hear(gossip.drains(), now);
    }

    /** What this node tells another. */
    public synchronized Gossip gossip(Instant now) {
        List<Gossip.Aged> reports = new ArrayList<>();
        heard.values().removeIf(each -> each.age(now).compareTo(FORGOTTEN) > 0);
        for (Heard each : heard.values()) {
            if (!each.at.isAfter(now)) reports.add(new Gossip.Aged(each.report, each.age(now)));
        }
        reports.add(new Gossip.Aged(own(now), Duration.ZERO));
        return new Gossip(reports, drains.all());
    }

    /** Decides anew; answers what has changed by that. */
    public synchronized List<Decided.Change> decide(Matter matter, Instant now) {
        Decided before = decided;
        Decided after =
                Quorum.decide(
                        own(now),
                        fresh(now),
                        drains.holding(now),
                        matter.endpoints(),
                        matter.lines(),
                        before,
                        now);
        decided = after;
        return after.since(before);
    }

    /** Those whose word counts at {@code now}, without this node. */
    public synchronized List<Report> fresh(Instant now) {
        return heard.values().stream().filter(each -> each.fresh(now)).map(Heard::report).toList();
    }

    /** How old the newest word of each other node is, where it has been heard at all of late. */
    public synchronized Map<String, Duration> ages(Instant now) {
        Map<String, Duration> ages = new HashMap<>();
        heard.forEach((name, each) -> ages.put(name, each.age(now)));
        return ages;
    }

    /** What this node sees. */
    public synchronized Report own(Instant now) {
        Map<EndpointName, Look> seen = sight.get();
        Map<EndpointName, Verdict> verdicts = new HashMap<>();
        seen.forEach((name, look) -> verdicts.put(name, look.verdict()));
        List<Look> looks = seen.values().stream().filter(Look::counts).toList();
        boolean seesNothing =
                !looks.isEmpty()
                        && looks.stream()
                                .allMatch(look -> look.verdict().state() == Verdict.State.DOWN);
        boolean blind = seesNothing && !others.isEmpty() && fresh(now).isEmpty();
        number = Math.max(number + 1, now.toEpochMilli());
        return new Report(node, number, line, blind, verdicts);
    }

    public Standings standings() {
        return decided;
    }

    /** What was decided last. */
    public Decided decided() {
        return decided;
    }

    public Drains drains() {
        return drains;
    }

    public Set<String> others() {
        return others;
    }
}
