package dev.holdfast.steer.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AuditTrailTest {
    @TempDir private Path folder;

    @Test
    void what_was_added_is_read_newest_last_also_by_another_process() throws IOException {
        AuditTrail trail = new AuditTrail(folder);
        for (int i = 0; i < 5; i++) trail.add(entry(i));
        assertThat(new AuditTrail(folder).newest(2)).containsExactly(line(3), line(4));
    }

    @Test
    void the_trail_is_bounded_and_keeps_the_newest() throws IOException {
        AuditTrail trail = new AuditTrail(folder, 1_000);
        for (int i = 0; i < 500; i++) trail.add(entry(i));
        long bytes = 0;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) bytes += Files.size(file);
        }
        assertThat(bytes).isBetween(2_000L, 4_000L);
        List<String> kept = trail.newest(1_000);
        assertThat(kept.getLast()).isEqualTo(line(499));
        assertThat(kept.getFirst()).isEqualTo(line(500 - kept.size()));
    }

    @Test
    void half_a_line_that_a_power_cut_left_is_passed_over() throws IOException {
        AuditTrail trail = new AuditTrail(folder);
        trail.add(entry(0));
        Files.writeString(folder.resolve("audit.jsonl"), "{\"at\":\"20", StandardOpenOption.APPEND);
        assertThat(trail.newest(10)).containsExactly(line(0));
        trail.add(entry(1));
        assertThat(trail.newest(10)).containsExactly(line(0), line(1));
    }

    @Test
    void a_line_that_cannot_be_written_is_told_of_until_one_can() throws IOException {
        Path gone = folder.resolve("gone");
        AuditTrail trail = new AuditTrail(gone);
        trail.add(entry(0));
        assertThat(trail.failure()).isPresent();
        Files.createDirectory(gone);
        trail.add(entry(1));
        assertThat(trail.failure()).isEmpty();
    }

    private static AuditEntry entry(int number) {
        return new AuditEntry(
                Instant.EPOCH,
                AuditEntry.Kind.DRAIN,
                Optional.of("regions/jakarta"),
                Optional.empty(),
                "number " + number,
                Optional.of("amina"));
    }

    private static String line(int number) {
        return "{\"at\":\"1970-01-01T00:00:00Z\",\"who\":\"amina\",\"kind\":\"drain\","
                + "\"what\":\"number "
                + number
                + "\",\"endpoint\":\"regions/jakarta\"}";
    }
}
