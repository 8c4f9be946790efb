package dev.holdfast.steer.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.operation.Hlc;
import dev.holdfast.steer.health.Verdict;
import dev.holdfast.steer.pool.EndpointName;
import dev.holdfast.steer.pool.Standing;
import dev.holdfast.steer.pool.Standings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class QuorumTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final EndpointName ABROAD = new EndpointName("regions", "singapore");
    private static final EndpointName HERE = new EndpointName("regions", "jakarta");

    @Test
    void each_line_is_judged_by_those_that_stand_in_it() {
        Decided decided =
                decide(
                        sees("in-1", "inside", HERE),
                        sees("in-2", "inside", HERE),
                        sees("out-1", "default", ABROAD),
                        sees("out-2", "default", ABROAD),
                        sees("out-3", "default", ABROAD));
        assertThat(decided.of(HERE, "inside")).isInstanceOf(Standing.Up.class);
        assertThat(decided.of(ABROAD, "inside")).isInstanceOf(Standing.Down.class);
        assertThat(decided.of(HERE, "default")).isInstanceOf(Standing.Down.class);
        assertThat(decided.of(ABROAD, "default")).isInstanceOf(Standing.Up.class);
    }

    @Test
    void a_tie_is_in_favour_of_the_endpoint() {
        Decided decided =
                decide(sees("a", "default", HERE), sees("b", "default"), sees("c", "inside"));
        assertThat(decided.of(HERE, "default"))
                .isEqualTo(
                        new Standing.Up(
                                NOW, "a sees it; b does not see it: no answer (in line default)"));
    }

    @Test
    void one_that_cannot_see_it_is_outvoted_by_two_that_can() {
        Decided decided =
                decide(
                        sees("a", "default"),
                        sees("b", "default", HERE),
                        sees("c", "default", HERE));
        assertThat(decided.of(HERE, "default").reason())
                .isEqualTo("b and c see it; a does not see it: no answer (in line default)");
        assertThat(decided.of(ABROAD, "default").reason())
                .isEqualTo("a, b and c do not see it: no answer (in line default)");
    }

    @Test
    void where_nobody_stands_in_the_line_all_judge_together() {
        Decided decided =
                decide(sees("a", "inside", HERE), sees("b", "inside"), sees("c", "elsewhere"));
        assertThat(decided.of(HERE, "default"))
                .isEqualTo(
                        new Standing.Down(
                                NOW,
                                "b and c do not see it: no answer; a sees it (none in line default"
                                        + " is heard, so all judge)"));
    }

    @Test
    void a_line_without_networks_and_nodes_is_as_everybody_else() {
        Decided decided = decide(sees("a", "inside", HERE));
        assertThat(decided.of(HERE, "nowhere"))
                .isEqualTo(decided.of(HERE, Standings.EVERYBODY_ELSE));
    }

    @Test
    void a_blind_node_is_not_counted_unless_there_is_no_other() {
        Report blind = new Report("a", 1, "default", true, verdicts());
        Decided alone = decide(blind);
        assertThat(alone.of(HERE, "default").reason()).endsWith("(it sees and hears nothing else)");
        Decided together = decide(blind, sees("b", "inside", HERE));
        assertThat(together.of(HERE, "default")).isInstanceOf(Standing.Up.class);
    }

    @Test
    void who_has_not_judged_does_not_vote() {
        Report new1 = unjudged("a");
        Report new2 = unjudged("b");
        assertThat(decide(new1, new2).of(HERE, "default")).isInstanceOf(Standing.Unjudged.class);
        assertThat(decide(new1, new2, sees("c", "default")).of(HERE, "default"))
                .isInstanceOf(Standing.Down.class);
    }

    @Test
    void what_is_drained_is_drained_for_everybody_whoever_sees_it() {
        Drain drain =
                new Drain(
                        HERE,
                        true,
                        NOW,
                        Optional.of(NOW.plus(Duration.ofHours(2))),
                        "amina",
                        "new disks",
                        Hlc.ZERO,
                        "a");
        Decided decided =
                Quorum.decide(
                        sees("a", "default", HERE),
                        List.of(),
                        Map.of(HERE, drain),
                        Set.of(HERE),
                        Set.of("inside"),
                        Decided.NOTHING,
                        NOW);
        for (String line : List.of("default", "inside"))
            assertThat(decided.of(HERE, line))
                    .isEqualTo(
                            new Standing.Drained(
                                    NOW,
                                    "drained by amina at a until 2026-01-01T02:00:00Z: new disks"));
    }

    @Test
    void the_version_changes_with_the_standings_and_not_with_the_words() {
        Decided first = decide(sees("a", "default", HERE));
        Decided words = decideAfter(first, sees("a", "default", HERE), sees("b", "default", HERE));
        assertThat(words.version()).isEqualTo(first.version());
        assertThat(words.of(HERE, "default").reason()).startsWith("a and b");
        Decided changed = decideAfter(words, sees("a", "default"));
        assertThat(changed.version()).isEqualTo(first.version() + 1);
        assertThat(changed.since(words)).extracting(Decided.Change::endpoint).containsOnly(HERE);
    }

    private static Decided decide(Report own, Report... others) {
        return decideAfter(Decided.NOTHING, own, others);
    }

    private static Decided decideAfter(Decided before, Report own, Report... others) {
        return Quorum.decide(
                own, List.of(others), Map.of(), Set.of(HERE, ABROAD), Set.of(), before, NOW);
    }

    private static Report sees(String node, String line, EndpointName... seen) {
        return new Report(node, 1, line, false, verdicts(seen));
    }

    private static Map<EndpointName, Verdict> verdicts(EndpointName... seen) {
        return Map.of(HERE, verdict(HERE, seen), ABROAD, verdict(ABROAD, seen));
    }

    private static Verdict verdict(EndpointName endpoint, EndpointName... seen) {
        return List.of(seen).contains(endpoint)
                ? new Verdict(Verdict.State.UP, NOW, "it works")
                : new Verdict(Verdict.State.DOWN, NOW, "no answer");
    }

    private static Report unjudged(String node) {
        Verdict none = new Verdict(Verdict.State.UNJUDGED, NOW, "not checked yet");
        return new Report(node, 1, "default", false, Map.of(HERE, none, ABROAD, none));
    }
}
