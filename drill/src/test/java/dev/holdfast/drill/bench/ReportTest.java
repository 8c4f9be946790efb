package dev.holdfast.drill.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.output.Style;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReportTest {
    private static final Figure WRITES =
            Figure.of("durable writes", 450, "op/s")
                    .beside(1_000, "bare SQLite")
                    .aiming(Aim.ratioAtLeast(0.5));
    private static final Figure BYTES = Figure.of("bytes up", 82.5, "B/op").aiming(Aim.atMost(90));

    @Test
    void the_line_for_machines_has_the_documented_form() {
        assertThat(report().json())
                .isEqualTo(
                        "{\"name\":\"device\",\"figures\":["
                                + "{\"name\":\"durable writes\",\"value\":450.0000,"
                                + "\"unit\":\"op/s\",\"ratio\":0.4500,\"of\":\"bare SQLite\"},"
                                + "{\"name\":\"bytes up\",\"value\":82.5000,"
                                + "\"unit\":\"B/op\",\"ratio\":null,\"of\":null}]}");
    }

    @Test
    void the_table_says_of_each_aim_whether_it_is_met() {
        assertThat(report().text(Style.PLAIN).lines().map(line -> line.replaceAll(" {2,}", " | ")))
                .containsExactly(
                        "figure | value | unit | ratio | of | aim",
                        "durable writes | 450 | op/s | 0.45 | 1,000, bare SQLite"
                                + " | missed: ratio 0.50 or more",
                        "bytes up | 82.5 | B/op | met: 90 B/op or less");
    }

    @Test
    void half_of_the_bare_limit_is_enough_where_half_is_the_aim() {
        Figure half = Figure.of("x", 5, "op/s").beside(10, "bare").aiming(Aim.ratioAtLeast(0.5));
        assertThat(Aim.ratioAtLeast(0.5).isMet(half)).isTrue();
        assertThat(Aim.ratioAtLeast(0.51).isMet(half)).isFalse();
    }

    @Test
    void the_median_does_not_follow_one_bad_round() {
        assertThat(Rounds.median(10, 11, 900, 9, 12)).isEqualTo(11);
        assertThat(Rounds.medianOfLast(List.of(500.0, 1.0, 2.0, 3.0, 4.0, 90.0))).isEqualTo(3);
    }

    private static Report report() {
        return new Report("device", List.of(WRITES, BYTES), List.of(), List.of());
    }
}
