package dev.holdfast.web.core;

import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The JVM's half of the differential fuzz: random histories, written to {@code target/histories},
 * where {@code histories.test.mjs} has the ES module live through them. New ones each time; {@code
 * -Dholdfast.seed} repeats.
 */
final class HistoriesTest {
    private static final int HISTORIES = 40;

    @Test
    void a_device_over_an_image_comes_to_what_its_server_has() throws IOException {
        long first = Long.getLong("holdfast.seed", new Random().nextInt(1 << 30));
        Path folder = Files.createDirectories(Path.of("target/histories"));
        try (var old = Files.list(folder)) {
            for (Path file : old.toList()) Files.delete(file);
        }
        for (long seed = first; seed < first + HISTORIES; seed++) {
            History history = new History(seed);
            try {
                history.run();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
            List<String> lines = new ArrayList<>();
            for (Value note : history.notes) lines.add(Json.print(note));
            Files.write(folder.resolve(seed + ".jsonl"), lines);
        }
    }
}
