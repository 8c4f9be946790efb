package dev.holdfast.cli.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.cli.output.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataLockTest {
    @TempDir Path data;

    @Test
    void the_second_is_told_who_has_the_folder() {
        try (DataLock first = DataLock.take(data)) {
            assertThat(first.hasLeftovers()).isFalse();
            assertThatThrownBy(() -> DataLock.take(data))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("already")
                    .satisfies(fault ->
                            assertThat(((Failure) fault).why())
                                    .contains(Long.toString(ProcessHandle.current().pid())));
        }
        DataLock.take(data).close();
    }

    @Test
    void a_clean_end_leaves_no_trace() throws IOException {
        try (DataLock first = DataLock.take(data)) {
            first.note(ProcessHandle.current());
        }
        assertThat(data.resolve("up.lock")).isEmptyFile();
        try (DataLock again = DataLock.take(data)) {
            assertThat(again.hasLeftovers()).isFalse();
        }
    }

    @Test
    void what_a_killed_one_left_is_waited_for() throws Exception {
        Process child = new ProcessBuilder("/bin/cat").start();
        try {
            leave(child.toHandle());
            try (DataLock after = DataLock.take(data)) {
                assertThat(after.hasLeftovers()).isTrue();
                assertThatThrownBy(() -> after.awaitLeftovers(Duration.ofMillis(50)))
                        .isInstanceOf(Failure.class)
                        .satisfies(fault ->
                                assertThat(((Failure) fault).remedy())
                                        .contains("kill -9 " + child.pid()));
                child.getOutputStream().close();
                after.awaitLeftovers(Duration.ofSeconds(20));
                assertThat(after.hasLeftovers()).isFalse();
            }
        } finally {
            child.destroyForcibly();
        }
    }

    @Test
    void a_process_that_only_has_the_number_of_one_is_not_waited_for() throws IOException {
        Files.writeString(
                data.resolve("up.lock"), ProcessHandle.current().pid() + " 1970-01-01T00:00:00Z");
        try (DataLock after = DataLock.take(data)) {
            assertThat(after.hasLeftovers()).isFalse();
        }
    }

    /** The file as it is after a kill. */
    private void leave(ProcessHandle child) throws IOException {
        DataLock killed = DataLock.take(data);
        killed.note(child);
        byte[] noted = Files.readAllBytes(data.resolve("up.lock"));
        killed.close();
        Files.write(data.resolve("up.lock"), noted);
    }
}
