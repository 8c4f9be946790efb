package dev.holdfast.drill.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ScaleTest {
    @Test
    void counts_end_at_a_round_tick_that_nothing_exceeds() {
        assertThat(Scale.ofCounts(1_908, 5).ticks())
                .containsExactly(0.0, 500.0, 1_000.0, 1_500.0, 2_000.0);
        assertThat(Scale.ofCounts(40, 4).ticks()).containsExactly(0.0, 10.0, 20.0, 30.0, 40.0);
        assertThat(Scale.ofCounts(41, 4).end()).isEqualTo(60);
        assertThat(Scale.ofCounts(1, 2).ticks()).containsExactly(0.0, 0.5, 1.0);
    }

    @Test
    void of_nothing_the_axis_goes_to_one() {
        assertThat(Scale.ofCounts(0, 5)).isEqualTo(new Scale(1, 1));
        assertThat(Scale.ofCounts(0, 5).share(0)).isZero();
    }

    @Test
    void no_axis_has_more_steps_than_asked_for_nor_ends_below_its_greatest() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            double max = Math.pow(10, random.nextDouble() * 9 - 2);
            int steps = 1 + random.nextInt(6);
            Scale scale = Scale.ofCounts(max, steps);
            assertThat(scale.ticks().size() - 1)
                    .as("seed %d: %f in %d", seed, max, steps)
                    .isBetween(1, steps);
            assertThat(scale.end()).isGreaterThanOrEqualTo(max * (1 - 1e-9));
        }
    }

    @Test
    void times_are_ticked_in_one_unit() {
        assertThat(times(95_000)).containsExactly("0 s", "30 s", "60 s", "90 s");
        assertThat(times(240_000)).containsExactly("0 min", "1 min", "2 min", "3 min", "4 min");
        assertThat(times(1)).containsExactly("0 s");
        assertThat(times(40L * 24 * 3_600_000)).hasSizeLessThanOrEqualTo(7).contains("0 h");
    }

    @Test
    void labels_are_short() {
        assertThat(new Scale(2_000, 500).countLabel(1_500)).isEqualTo("1,500");
        assertThat(new Scale(1, 0.5).countLabel(0.5)).isEqualTo("0.5");
        assertThat(new Scale(0.04, 0.01).countLabel(0.03)).isEqualTo("0.03");
        assertThat(new Scale(400_000, 100_000).countLabel(300_000)).isEqualTo("300 k");
        assertThat(new Scale(40_000_000, 10_000_000).countLabel(30_000_000)).isEqualTo("30 M");
    }

    private static List<String> times(long lengthMillis) {
        Scale scale = Scale.ofTime(lengthMillis);
        return scale.ticks().stream().map(scale::timeLabel).toList();
    }
}
