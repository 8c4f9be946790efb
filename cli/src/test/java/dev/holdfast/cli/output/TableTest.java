package dev.holdfast.cli.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.operation.Durability;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class TableTest {
    @Test
    void columns_align_and_lines_end_without_blanks() {
        String text =
                Table.headed("NAME", "LEVEL", "")
                        .row("Amina", Level.dots(Durability.EDGE), "x")
                        .row("B", "much longer", "")
                        .text(Style.PLAIN);
        assertThat(text)
                .isEqualTo(
                        """
                        NAME   LEVEL
                        Amina  ●●○○○        x
                        B      much longer\
                        """);
    }

    @Test
    void emphasis_adds_nothing_where_it_is_off() {
        assertThat(Style.PLAIN.alarm("broken")).isEqualTo("broken");
        assertThat(Style.COLOURED.alarm("broken")).contains("broken").startsWith("\u001b[");
    }

    @Test
    void five_dots_are_filled_as_far_as_proven() {
        assertThat(Level.shown(Durability.DEVICE)).isEqualTo("●○○○○ Saved on this device");
        assertThat(Level.shown(Durability.GLOBAL)).isEqualTo("●●●●● In two regions");
    }

    @Test
    void times_are_relative_up_to_a_day_and_have_units() {
        Instant now = Instant.parse("2026-11-24T12:00:00Z");
        assertThat(Times.relative(now.plusSeconds(7200), now)).isEqualTo("in 2 h");
        assertThat(Times.relative(now.minusSeconds(90), now)).isEqualTo("1 min ago");
        assertThat(Times.relative(now.plus(Duration.ofDays(30)), now)).isEqualTo("24 Dec 2026");
        assertThat(Times.span(Duration.ofMillis(12))).isEqualTo("12 ms");
    }

    @Test
    void times_are_read_as_people_write_them() {
        assertThat(Times.parse("500ms")).isEqualTo(Duration.ofMillis(500));
        assertThat(Times.parse("2s")).isEqualTo(Duration.ofSeconds(2));
        assertThat(Times.parse("5m")).isEqualTo(Duration.ofMinutes(5));
        assertThatThrownBy(() -> Times.parse("soon")).hasMessageContaining("500ms");
    }

    @Test
    void a_failure_is_read_back_from_its_three_lines() {
        Failure told = new Failure("no", "one\ntwo", "holdfast up");
        Failure read = Failure.parse("{\"a\":1}\n" + told.text() + "\n").orElseThrow();
        assertThat(read.text()).isEqualTo(told.text());
        assertThat(Failure.parse("holdfast: half")).isEmpty();
    }
}
