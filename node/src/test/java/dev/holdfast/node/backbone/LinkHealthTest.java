package dev.holdfast.node.backbone;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LinkHealthTest {
    private static final long PROBE = 1_000_000;
    private final LinkHealth health = new LinkHealth(PROBE, 0);

    private long probe(long now) {
        return health.probe(now).orElseThrow();
    }

    @Test
    void it_is_up_once_a_probe_comes_back_and_down_before_a_second_one_is_missed() {
        health.connected(0);
        long seq = probe(0);
        assertThat(health.isUp()).isFalse();
        health.echoed(seq, 0, 30_000);
        assertThat(health.isUp()).isTrue();
        assertThat(health.rttMicros()).isEqualTo(30_000);
        probe(PROBE);
        assertThat(health.isSilent(PROBE + 8 * PROBE / 10)).isFalse();
        assertThat(health.isSilent(2 * PROBE)).isTrue();
    }

    @Test
    void what_the_other_end_sends_proves_nothing() {
        health.connected(0);
        health.echoed(probe(0), 0, 1_000);
        for (int i = 1; i < 5; i++) health.heard(i, i * PROBE);
        assertThat(health.isSilent(5 * PROBE)).isTrue();
    }

    @Test
    void data_that_arrived_proves_as_much_as_an_echo() {
        health.connected(0);
        health.echoed(probe(0), 0, 1_000);
        health.proven(4 * PROBE);
        assertThat(health.isSilent(5 * PROBE)).isFalse();
    }

    @Test
    void an_echo_of_a_connection_before_proves_nothing() {
        health.connected(0);
        long old = probe(0);
        health.disconnected(PROBE);
        health.connected(2 * PROBE);
        health.echoed(old, 0, 2 * PROBE + 1);
        assertThat(health.isUp()).isFalse();
    }

    @Test
    void missing_and_late_probes_are_counted_and_punctual_ones_forgive_them() {
        for (int i = 0; i < 40; i++) health.heard(i, i * PROBE);
        assertThat(health.lossInPermille()).isZero();
        for (int i = 40; i < 60; i += 2) health.heard(i, i * PROBE);
        assertThat(health.lossInPermille()).isBetween(250, 500);
        for (int i = 60; i < 80; i++) health.heard(i, i * PROBE + 8 * PROBE / 10);
        assertThat(health.lossInPermille()).isGreaterThan(600);
        for (int i = 80; i < 180; i++) health.heard(i, i * PROBE);
        assertThat(health.lossInPermille()).isLessThan(5);
    }

    @Test
    void the_more_often_it_fails_the_longer_it_must_hold_before_it_is_relied_on() {
        long now = 0;
        long steady = 0;
        for (int failure = 0; failure < 4; failure++) {
            health.connected(now);
            health.echoed(probe(now), 0, now);
            long up = now;
            while (!health.isSettled(now)) now += PROBE;
            if (failure > 0) assertThat(now - up).isGreaterThan(steady);
            steady = now - up;
            health.disconnected(now);
            now += PROBE;
        }
        assertThat(steady).isEqualTo(12 * PROBE);
    }
}
