package dev.holdfast.cli.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.cli.output.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataLockTest {
    @TempDir Path data;

    @Test
    void the_second_is_told_who_has_the_folder() {
        try (DataLock first = DataLock.take(data)) {
            assertThat(first.afterCrash()).isFalse();
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
    void a_clean_end_leaves_no_trace_and_a_crash_does() throws IOException {
        DataLock.take(data).close();
        try (DataLock again = DataLock.take(data)) {
            assertThat(again.afterCrash()).isFalse();
        }
        Files.writeString(data.resolve("up.lock"), "12345");
        try (DataLock after = DataLock.take(data)) {
            assertThat(after.afterCrash()).isTrue();
        }
    }
}
