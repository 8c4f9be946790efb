package dev.holdfast.core.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.RandomValues;
import dev.holdfast.core.Seeds;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class HlcTest {
    private static final long NOW = 1_700_000_000_000L;

    @Test
    void a_reading_packs_its_parts_in_their_order() {
        Seeds.each(
                2000,
                random -> {
                    long millis = random.nextLong() >>> 18;
                    int counter = random.nextInt(0x10000);
                    Hlc hlc = Hlc.of(millis, counter);
                    assertThat(hlc.millis()).isEqualTo(millis);
                    assertThat(hlc.counter()).isEqualTo(counter);
                    assertThat(hlc.next()).isGreaterThan(hlc);
                    assertThat(Hlc.of(millis + 1, 0)).isGreaterThan(hlc);
                });
        assertThat(Hlc.of(5, 0xffff).next()).isEqualTo(Hlc.of(6, 0));
    }

    @Test
    void a_reading_has_an_end() {
        assertThat(Hlc.of(Limits.MAX_MILLIS, 0xfffe).next()).isEqualTo(Hlc.LAST);
        assertThat(Hlc.LAST.next()).isEqualTo(Hlc.LAST);
        assertThatThrownBy(() -> new Hlc(-1)).isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> Hlc.of(Limits.MAX_MILLIS + 1, 0))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void a_clock_never_reads_the_same_twice_nor_backwards_whatever_time_does() {
        Seeds.each(
                500,
                random -> {
                    HlcClock clock = new HlcClock(Hlc.ZERO);
                    Hlc before = Hlc.ZERO;
                    long now = NOW;
                    for (int i = 0; i < 50; i++) {
                        now += random.nextInt(2000) - 1000;
                        if (random.nextInt(3) == 0) {
                            clock.observe(Hlc.of(now + random.nextInt(10_000_000), 3), now);
                        }
                        Hlc reading = clock.tick(now);
                        assertThat(reading).isGreaterThan(before);
                        assertThat(reading.millis()).isGreaterThanOrEqualTo(now);
                        before = reading;
                    }
                });
    }

    @Test
    void a_clock_that_is_set_to_no_time_still_reads() {
        HlcClock clock = new HlcClock(Hlc.ZERO);
        assertThat(clock.tick(-5)).isEqualTo(Hlc.of(0, 1));
        assertThat(clock.tick(Long.MAX_VALUE)).isEqualTo(Hlc.of(Limits.MAX_MILLIS, 0));
        clock.healed(NOW);
        assertThat(clock.tick(NOW)).isEqualTo(Hlc.of(NOW, 1));
    }

    @Test
    void another_clock_pulls_no_further_than_the_drift() {
        HlcClock clock = new HlcClock(Hlc.ZERO);
        clock.observe(Hlc.of(NOW + 1000, 7), NOW);
        assertThat(clock.tick(NOW)).isEqualTo(Hlc.of(NOW + 1000, 8));
        clock.observe(Hlc.of(NOW + 86_400_000, 0), NOW);
        assertThat(clock.tick(NOW)).isEqualTo(Hlc.of(NOW + Limits.DRIFT_MILLIS, 1));
    }

    @Test
    void a_clock_that_ran_ahead_falls_back_once_it_is_told_the_time() {
        HlcClock ahead = new HlcClock(Hlc.of(NOW + 86_400_000, 0));
        ahead.healed(NOW);
        assertThat(ahead.last()).isEqualTo(Hlc.of(NOW, 0));
        HlcClock within = new HlcClock(Hlc.of(NOW + Limits.DRIFT_MILLIS, 0));
        within.healed(NOW);
        assertThat(within.last().millis()).isEqualTo(NOW + Limits.DRIFT_MILLIS);
    }

    @Test
    void replicas_are_ordered_as_their_bytes() {
        Seeds.each(
                2000,
                random -> {
                    Bytes a = RandomValues.bytes(random, 16);
                    Bytes b =
                            random.nextInt(4) == 0
                                    ? a.slice(0, 15).concat(a.slice(0, 1))
                                    : RandomValues.bytes(random, 16);
                    ReplicaId x = ReplicaId.of(a);
                    assertThat(Integer.signum(x.compareTo(ReplicaId.of(b))))
                            .isEqualTo(
                                    Integer.signum(
                                            Arrays.compareUnsigned(a.toArray(), b.toArray())));
                    assertThat(x.bytes()).isEqualTo(a);
                    assertThat(ReplicaId.parse(x.toString())).isEqualTo(x);
                    assertThat(x.prefix()).isEqualTo(a.at(0) & 0xff);
                });
    }
}
