package dev.holdfast.drill.rings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.output.Style;
import dev.holdfast.drill.rings.Attempts.Attempt;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AttemptsTest {
    private static final Attempt HELD = attempt("states", new Guarantee("a", true, "1"));
    private static final Attempt BROKEN =
            attempt("flicker", new Guarantee("a", true, "1"), new Guarantee("b", false, "2"));
    private static final Attempt UNDONE =
            new Attempt(
                    "one-way", Optional.empty(), Optional.of("no <nft>"), Duration.ofMillis(2_500));

    @Test
    void holds_only_when_every_drill_did() {
        assertThat(new Attempts(7, List.of(HELD)).held()).isTrue();
        assertThat(new Attempts(7, List.of(HELD, BROKEN)).held()).isFalse();
        assertThat(new Attempts(7, List.of(HELD, UNDONE)).held()).isFalse();
        assertThat(new Attempts(7, List.of()).held()).isFalse();
    }

    @Test
    void a_drill_whose_page_could_not_be_written_counts_as_broken() {
        Attempt unwritten =
                new Attempt("states", HELD.outcome(), Optional.of("disk full"), HELD.took());
        assertThat(new Attempts(7, List.of(unwritten)).held()).isFalse();
    }

    @Test
    void the_table_says_what_came_of_each() {
        assertThat(new Attempts(7, List.of(HELD, BROKEN, UNDONE)).text(Style.PLAIN))
                .isEqualTo(
                        """
                        DRILL    HELD               TIME
                        states   1 of 1             1 min 5 s  held
                        flicker  1 of 2             1 min 5 s  BROKEN
                        one-way  could not be done  2 s        BROKEN

                        2 of 3 drills are broken.

                        Next: holdfast drill flicker --seed 7\
                        """);
        assertThat(new Attempts(7, List.of(HELD)).text(Style.PLAIN))
                .contains("All 1 drills held, in 1 min 5 s.");
    }

    @Test
    void the_json_is_one_line_with_each_drill_in_it() {
        String json = new Attempts(7, List.of(HELD, UNDONE)).json();
        assertThat(json)
                .doesNotContain("\n")
                .contains("\"name\":\"all\"", "\"held\":false", "\"seconds\":67.5", "\"seed\":7")
                .contains("\"figure\":\"1 of 1\"", "\"why\":\"no <nft>\"");
    }

    private static Attempt attempt(String drill, Guarantee... guarantees) {
        Outcome outcome = new Outcome(drill, "proxies", 7, List.of(guarantees), Map.of());
        return new Attempt(drill, Optional.of(outcome), Optional.empty(), Duration.ofSeconds(65));
    }
}
