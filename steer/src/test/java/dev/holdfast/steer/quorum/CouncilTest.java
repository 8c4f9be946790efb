package dev.holdfast.steer.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.steer.health.Verdict;
import dev.holdfast.steer.pool.EndpointName;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CouncilTest {
    private static final EndpointName HERE = new EndpointName("regions", "jakarta");
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir private Path folder;
    private Council council;
    private Verdict.State seen = Verdict.State.UP;

    @BeforeEach
    void seat() {
        council =
                new Council(
                        "a",
                        "default",
                        Set.of("b", "c"),
                        new Drains(folder.resolve("drains.json"), "a"),
                        () -> Map.of(HERE, new Council.Look(verdict(seen), true)));
    }

    @Test
    void a_report_that_was_long_under_way_does_not_replace_a_newer_one() {
        hear(report("b", 7, Verdict.State.DOWN), Duration.ofMillis(300));
        // It looks younger, since the time of a message is in no age.
        hear(report("b", 6, Verdict.State.UP), Duration.ZERO);
        assertThat(council.fresh(NOW)).containsExactly(report("b", 7, Verdict.State.DOWN));
    }

    @Test
    void a_report_counts_for_five_seconds_by_the_age_it_came_with() {
        hear(report("b", 7, Verdict.State.DOWN), Duration.ofSeconds(2));
        assertThat(council.fresh(NOW.plusSeconds(3))).hasSize(1);
        assertThat(council.fresh(NOW.plusMillis(3_001))).isEmpty();
        assertThat(council.gossip(NOW.plusSeconds(3)).reports())
                .extracting(Gossip.Aged::age)
                .contains(Duration.ofSeconds(5));
    }

    @Test
    void a_node_that_was_away_for_a_minute_is_heard_again_whatever_its_clock_says() {
        hear(report("b", 9_000_000, Verdict.State.DOWN), Duration.ZERO);
        Instant later = NOW.plusSeconds(61);
        assertThat(council.gossip(later).reports()).hasSize(1);
        council.hear(
                new Gossip(
                        List.of(new Gossip.Aged(report("b", 1, Verdict.State.UP), Duration.ZERO)),
                        List.of()),
                later);
        assertThat(council.fresh(later)).hasSize(1);
    }

    @Test
    void a_stranger_is_not_heard() {
        hear(report("mallory", 7, Verdict.State.DOWN), Duration.ZERO);
        assertThat(council.fresh(NOW)).isEmpty();
    }

    @Test
    void a_node_is_blind_when_it_sees_and_hears_nothing() {
        seen = Verdict.State.DOWN;
        assertThat(council.own(NOW).blind()).isTrue();
        hear(report("b", 7, Verdict.State.UP), Duration.ZERO);
        assertThat(council.own(NOW).blind()).isFalse();
        assertThat(council.own(NOW.plusSeconds(6)).blind()).isTrue();
        seen = Verdict.State.UP;
        assertThat(council.own(NOW.plusSeconds(6)).blind()).isFalse();
    }

    @Test
    void its_own_reports_are_numbered_upwards_though_the_clock_is_set_back() {
        long first = council.own(NOW).number();
        assertThat(council.own(NOW.minusSeconds(60)).number()).isGreaterThan(first);
    }

    private void hear(Report report, Duration age) {
        council.hear(new Gossip(List.of(new Gossip.Aged(report, age)), List.of()), NOW);
    }

    private static Report report(String node, long number, Verdict.State state) {
        return new Report(node, number, "default", false, Map.of(HERE, verdict(state)));
    }

    private static Verdict verdict(Verdict.State state) {
        return new Verdict(state, NOW, "no answer");
    }
}
