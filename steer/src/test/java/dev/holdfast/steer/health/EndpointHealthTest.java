package dev.holdfast.steer.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class EndpointHealthTest {
    private static final Duration EVERY = Duration.ofSeconds(2);
    private static final Seen WELL = new Seen.Well(Duration.ofMillis(3));
    private static final Seen FAILED = new Seen.Failed("no answer within 1 s");

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private EndpointHealth health = machine(Optional.empty());

    @Test
    void it_is_unjudged_until_it_was_seen_and_the_first_success_is_believed() {
        assertThat(state()).isEqualTo(Verdict.State.UNJUDGED);
        see(WELL);
        assertThat(state()).isEqualTo(Verdict.State.UP);
    }

    @Test
    void at_the_beginning_too_it_takes_failures_in_a_row_to_go_down() {
        see(FAILED, FAILED);
        assertThat(state()).isEqualTo(Verdict.State.UNJUDGED);
        see(FAILED);
        assertThat(state()).isEqualTo(Verdict.State.DOWN);
    }

    @Test
    void it_goes_down_after_three_failures_in_a_row_and_not_after_four_apart() {
        see(WELL, FAILED, FAILED, WELL, FAILED, FAILED, WELL);
        assertThat(state()).isEqualTo(Verdict.State.UP);
        see(FAILED, FAILED, FAILED);
        assertThat(health.verdict().state()).isEqualTo(Verdict.State.DOWN);
        assertThat(health.verdict().reason()).isEqualTo("no answer within 1 s");
    }

    @Test
    void it_comes_up_after_two_successes_in_a_row() {
        see(WELL, FAILED, FAILED, FAILED, WELL, FAILED, WELL);
        assertThat(state()).isEqualTo(Verdict.State.DOWN);
        see(WELL);
        assertThat(state()).isEqualTo(Verdict.State.UP);
    }

    @Test
    void a_verdict_tells_since_when_it_stands_and_the_newest_reason() {
        see(WELL, FAILED, FAILED, FAILED);
        Instant down = now;
        see(new Seen.Failed("no connection: refused"));
        assertThat(health.verdict())
                .isEqualTo(new Verdict(Verdict.State.DOWN, down, "no connection: refused"));
    }

    @Test
    void it_is_looked_at_twice_as_often_while_what_is_seen_disagrees_with_the_verdict() {
        assertThat(health.pause()).isEqualTo(EVERY.dividedBy(2));
        see(WELL);
        assertThat(health.pause()).isEqualTo(EVERY);
        see(FAILED);
        assertThat(health.pause()).isEqualTo(EVERY.dividedBy(2));
        see(FAILED, FAILED);
        assertThat(health.pause()).isEqualTo(EVERY);
        see(WELL);
        assertThat(health.pause()).isEqualTo(EVERY.dividedBy(2));
        see(WELL);
        assertThat(health.pause()).isEqualTo(EVERY);
    }

    @Test
    void going_down_once_or_twice_does_not_hold_it_down() {
        see(WELL);
        for (int i = 0; i < 2; i++) {
            see(FAILED, FAILED, FAILED, WELL, WELL);
            assertThat(state()).isEqualTo(Verdict.State.UP);
        }
    }

    @Test
    void an_endpoint_that_keeps_going_down_is_held_down_and_comes_back_within_four_minutes() {
        see(WELL);
        for (int i = 0; i < 3; i++) see(FAILED, FAILED, FAILED, WELL, WELL);
        assertThat(state()).isEqualTo(Verdict.State.DOWN);
        assertThat(health.verdict().reason())
                .startsWith("it works now, but went down too often: held down until 2026-");
        assertThat(health.pause()).isEqualTo(EVERY);
        Instant bound = now.plus(Duration.ofMinutes(4)).plus(EVERY);
        while (health.verdict().state() == Verdict.State.DOWN && now.isBefore(bound)) see(WELL);
        assertThat(state()).isEqualTo(Verdict.State.UP);
    }

    @Test
    void however_it_flaps_it_is_up_four_minutes_after_the_last_failure() {
        for (long seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            health = machine(Optional.empty());
            int failing = random.nextInt(1, 10);
            for (int i = 0; i < 2_000; i++) see(random.nextInt(10) < failing ? FAILED : WELL);
            Instant bound = now.plus(Duration.ofMinutes(4)).plus(EVERY.multipliedBy(2));
            while (now.isBefore(bound)) see(WELL);
            assertThat(state()).as("seed %d", seed).isEqualTo(Verdict.State.UP);
        }
    }

    @Test
    void a_restart_remembers_what_was_down_and_judges_anew_what_was_up() {
        see(WELL, FAILED, FAILED, FAILED);
        Verdict down = health.verdict();
        health = machine(Optional.of(health.kept()));
        assertThat(health.verdict()).isEqualTo(down);
        see(WELL, WELL);
        health = machine(Optional.of(health.kept()));
        assertThat(state()).isEqualTo(Verdict.State.UNJUDGED);
    }

    @Test
    void a_restart_does_not_end_a_hold() {
        see(WELL);
        for (int i = 0; i < 3; i++) see(FAILED, FAILED, FAILED, WELL, WELL);
        health = machine(Optional.of(health.kept()));
        see(WELL, WELL, WELL);
        assertThat(state()).isEqualTo(Verdict.State.DOWN);
    }

    @Test
    void a_clock_that_is_set_back_makes_no_hold_longer_than_its_bound() {
        see(WELL);
        for (int i = 0; i < 3; i++) see(FAILED, FAILED, FAILED, WELL, WELL);
        now = now.minus(Duration.ofDays(30));
        Instant bound = now.plus(Duration.ofMinutes(4)).plus(EVERY.multipliedBy(2));
        while (now.isBefore(bound)) see(WELL);
        assertThat(state()).isEqualTo(Verdict.State.UP);
    }

    private EndpointHealth machine(Optional<EndpointHealth.Kept> before) {
        return new EndpointHealth(EVERY, 3, 2, before, now);
    }

    private void see(Seen... looks) {
        for (Seen look : looks) {
            now = now.plus(health.pause());
            health.step(look, now);
        }
    }

    private Verdict.State state() {
        return health.verdict().state();
    }
}
