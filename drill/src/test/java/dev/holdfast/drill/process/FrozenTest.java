package dev.holdfast.drill.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrozenTest {
    @Test
    void a_state_is_read_behind_a_name_that_looks_like_one() {
        assertThat(Frozen.state("12 (java) T 1 12 12")).isEqualTo('T');
        assertThat(Frozen.state("12 (a) S (b) R 1 12")).isEqualTo('R');
        assertThat(Frozen.state("")).isEqualTo('-');
    }

    @Test
    void a_frozen_process_says_nothing_until_it_goes_on() throws IOException {
        Process cat = new ProcessBuilder("cat").start();
        try (var in = cat.outputWriter();
                var out = cat.inputReader()) {
            try (Frozen frozen = Frozen.of(() -> List.of(cat.toHandle()))) {
                in.write("hello\n");
                in.flush();
                frozen.requireStill();
                assertThat(out.ready()).isFalse();
            }
            assertThat(out.readLine()).isEqualTo("hello");
        } finally {
            cat.destroyForcibly();
        }
    }

    @Test
    void what_goes_on_too_early_is_seen() throws IOException {
        Process cat = new ProcessBuilder("cat").start();
        try (Frozen frozen = Frozen.of(() -> List.of(cat.toHandle()))) {
            Tool.run("kill", "-CONT", Long.toString(cat.pid()));
            assertThatThrownBy(frozen::requireStill).isInstanceOf(DrillException.class);
        } finally {
            cat.destroyForcibly();
        }
    }

    @Test
    void the_dead_among_them_are_let_be() throws IOException, InterruptedException {
        Process dead = new ProcessBuilder("true").start();
        dead.waitFor();
        Process cat = new ProcessBuilder("cat").start();
        List<ProcessHandle> both = List.of(cat.toHandle(), dead.toHandle());
        try (Frozen frozen = Frozen.of(() -> both)) {
            frozen.requireStill();
        } finally {
            cat.destroyForcibly();
        }
    }

    @Test
    void nobody_cannot_be_frozen() {
        assertThatThrownBy(() -> Frozen.of(List::of)).isInstanceOf(DrillException.class);
    }
}
