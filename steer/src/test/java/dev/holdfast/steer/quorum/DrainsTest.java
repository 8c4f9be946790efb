package dev.holdfast.steer.quorum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.keys.KeysException;
import dev.holdfast.steer.pool.EndpointName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DrainsTest {
    private static final EndpointName HERE = new EndpointName("regions", "jakarta");
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir private Path folder;

    @Test
    void a_drain_outlives_a_restart() {
        tell(drains("a"), true, NOW);
        assertThat(drains("a").holding(NOW)).containsOnlyKeys(HERE);
    }

    @Test
    void one_for_a_while_ends_by_itself() {
        Drains drains = drains("a");
        drains.tell(HERE, true, Optional.of(Duration.ofHours(2)), "amina", "", NOW);
        assertThat(drains.holding(NOW.plus(Duration.ofMinutes(119)))).containsOnlyKeys(HERE);
        assertThat(drains.holding(NOW.plus(Duration.ofHours(2)))).isEmpty();
    }

    @Test
    void the_later_word_counts_in_whatever_order_they_come() {
        Drains a = drains("a");
        Drains b = drains("b");
        Drain out = tell(a, true, NOW);
        Drain in = tell(a, false, NOW.plusSeconds(1));
        assertThat(b.hear(List.of(in), NOW)).containsExactly(in);
        assertThat(b.hear(List.of(out), NOW)).isEmpty();
        assertThat(b.holding(NOW)).isEmpty();
    }

    @Test
    void undoing_wins_over_a_word_from_a_clock_that_runs_ahead() {
        Drains a = drains("a");
        Drains b = drains("b");
        b.hear(List.of(tell(a, true, NOW.plus(Duration.ofDays(300)))), NOW);
        Drain undone = tell(b, false, NOW);
        assertThat(a.hear(List.of(undone), NOW)).containsExactly(undone);
        assertThat(a.holding(NOW)).isEmpty();
    }

    @Test
    void of_two_words_at_once_all_take_the_same() {
        Drains a = drains("a");
        Drains b = drains("b");
        Drain out = tell(a, true, NOW);
        Drain in = tell(b, false, NOW);
        a.hear(List.of(in), NOW);
        b.hear(List.of(out), NOW);
        assertThat(a.all()).isEqualTo(b.all());
    }

    @Test
    void a_damaged_file_is_not_passed_over() throws IOException {
        Files.writeString(folder.resolve("a.json"), "[{}]");
        assertThatThrownBy(() -> drains("a")).isInstanceOf(KeysException.class);
    }

    private Drains drains(String node) {
        return new Drains(folder.resolve(node + ".json"), node);
    }

    private static Drain tell(Drains drains, boolean out, Instant now) {
        return drains.tell(HERE, out, Optional.empty(), "amina", "", now);
    }
}
