package dev.holdfast.steer.quorum;

import dev.holdfast.steer.health.Verdict;
import dev.holdfast.steer.pool.EndpointName;
import dev.holdfast.steer.pool.Standing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Decides from many nodes' reports how each endpoint stands for each line of users. Without state:
 * what was decided before comes in, only so that it is known since when something stands.
 *
 * <ol>
 *   <li>What an operator drained is drained, for everybody.
 *   <li>For the users of a line those nodes judge that stand in it, since they see what the users
 *       see: inside a cut country an endpoint outside is gone, whatever the world thinks of it, and
 *       for the world the country's endpoints are gone, whatever the country thinks.
 *   <li>The majority of them decides, and a tie is in favour of the endpoint: naming one that does
 *       not work costs its users a second try, not naming one that works may cost them everything.
 *   <li>A node that has not judged an endpoint does not vote on it, and one that is blind votes on
 *       nothing.
 *   <li>Where none of a line's nodes is heard, all that are heard judge together; where nobody is
 *       heard, this node judges by itself, blind or not.
 * </ol>
 *
 * <p>Only reports that are fresh may be given in: the silence of a node is no opinion.
 */
public final class Quorum {
    /** A vote that counted. */
    private record Vote(String node, Verdict verdict) {
        boolean up() {
            return verdict.state() == Verdict.State.UP;
        }
    }

    private final Report own;
    private final List<Report> fresh;
    private final Decided before;
    private final Instant now;

    private Quorum(Report own, List<Report> others, Decided before, Instant now) {
        this.own = own;
        this.before = before;
        this.now = now;
        this.fresh = new ArrayList<>(others);
        fresh.add(own);
        fresh.removeIf(Report::blind);
        fresh.sort(Comparator.comparing(Report::node));
    }

    /**
     * How everything stands.
     *
     * @param own what this node sees
     * @param others what other nodes see; fresh, one of each
     * @param drained what is drained now
     * @param endpoints all that there are
     * @param lines those that have networks; beside them those count in which nodes stand
     */
    public static Decided decide(
            Report own,
            List<Report> others,
            Map<EndpointName, Drain> drained,
            Set<EndpointName> endpoints,
            Set<String> lines,
            Decided before,
            Instant now) {
        Quorum quorum = new Quorum(own, others, before, now);
        Set<String> all = quorum.fresh.stream().map(Report::line).collect(Collectors.toSet());
        all.addAll(lines);
        all.add(Decided.EVERYBODY_ELSE);
        Map<String, Map<EndpointName, Standing>> standings = new HashMap<>();
        for (String line : all) {
            Map<EndpointName, Standing> ofLine = new HashMap<>();
            for (EndpointName endpoint : endpoints) {
                Drain drain = drained.get(endpoint);
                ofLine.put(
                        endpoint, drain == null ? quorum.judged(endpoint, line) : drained(drain));
            }
            standings.put(line, ofLine);
        }
        return before.followedBy(standings);
    }

    private static Standing drained(Drain drain) {
        String end = drain.until().map(until -> " until " + until).orElse("");
        String why = drain.why().isEmpty() ? "" : ": " + drain.why();
        return new Standing.Drained(
                drain.at(), "drained by " + drain.who() + " at " + drain.node() + end + why);
    }

    private Standing judged(EndpointName endpoint, String line) {
        List<Vote> votes =
                votes(
                        fresh.stream().filter(report -> report.line().equals(line)).toList(),
                        endpoint);
        if (!votes.isEmpty()) return counted(endpoint, line, votes, "in line " + line);
        votes = votes(fresh, endpoint);
        if (!votes.isEmpty())
            return counted(
                    endpoint, line, votes, "none in line " + line + " is heard, so all judge");
        votes = votes(List.of(own), endpoint);
        if (!votes.isEmpty())
            return counted(endpoint, line, votes, "it sees and hears nothing else");
        return new Standing.Unjudged("not checked yet");
    }

    private static List<Vote> votes(List<Report> judges, EndpointName endpoint) {
        List<Vote> votes = new ArrayList<>();
        for (Report judge : judges) {
            Verdict verdict = judge.verdicts().get(endpoint);
            if (verdict != null && verdict.state() != Verdict.State.UNJUDGED)
                votes.add(new Vote(judge.node(), verdict));
        }
        return votes;
    }

    private Standing counted(EndpointName endpoint, String line, List<Vote> votes, String basis) {
        List<Vote> ups = votes.stream().filter(Vote::up).toList();
        List<Vote> downs = votes.stream().filter(vote -> !vote.up()).toList();
        boolean up = ups.size() >= downs.size();
        String reason =
                up
                        ? sees(ups) + (downs.isEmpty() ? "" : "; " + doesNot(downs))
                        : doesNot(downs) + (ups.isEmpty() ? "" : "; " + sees(ups));
        String words = reason + " (" + basis + ")";
        Standing last = before.of(endpoint, line);
        if (up)
            return new Standing.Up(
                    last instanceof Standing.Up(Instant since, _) ? since : now, words);
        return new Standing.Down(
                last instanceof Standing.Down(Instant since, _) ? since : now, words);
    }

    private static String sees(List<Vote> votes) {
        return names(votes) + (votes.size() == 1 ? " sees it" : " see it");
    }

    private static String doesNot(List<Vote> votes) {
        return names(votes)
                + (votes.size() == 1 ? " does not see it: " : " do not see it: ")
                + votes.getFirst().verdict().reason();
    }

    private static String names(List<Vote> votes) {
        List<String> names = votes.stream().map(Vote::node).toList();
        if (names.size() == 1) return names.getFirst();
        return String.join(", ", names.subList(0, names.size() - 1)) + " and " + names.getLast();
    }
}
