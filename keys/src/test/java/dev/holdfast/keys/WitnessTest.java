package dev.holdfast.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.keys.Witness.Seal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WitnessTest {
    private static final ReplicaId REPLICA = ReplicaKey.create(Entropy.system()).replica();

    @TempDir Path folder;

    @Test
    void it_says_the_newest_seal_of_each_scope() {
        try (Witness witness = Witness.start(file(), REPLICA, Map.of("a", seal(1)))) {
            witness.record("a", seal(2));
            witness.record("b", seal(7));
        }
        Witness read = read();
        assertThat(read.says(REPLICA, Map.of("a", seal(2), "b", seal(7)))).isTrue();
    }

    @Test
    void it_goes_on_when_the_thread_that_writes_is_interrupted() {
        try (Witness witness = Witness.start(file(), REPLICA, Map.of())) {
            for (int seq = 1; seq <= 3; seq++) {
                Thread.currentThread().interrupt();
                witness.record("a", seal(seq));
                assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
            }
            Thread.currentThread().interrupt();
            for (int i = 0; i < 1_000; i++) witness.record("b", seal(i)); // writes it anew as well
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(read().seals()).isEqualTo(Map.of("a", seal(3), "b", seal(999)));
    }

    @Test
    void many_scopes_are_not_written_anew_at_every_seal() throws Exception {
        Map<String, Seal> many = new HashMap<>();
        for (int i = 0; i < 1_000; i++) many.put("scope-" + i, seal(1));
        try (Witness witness = Witness.start(file(), REPLICA, many)) {
            long whole = Files.size(file());
            witness.record("scope-0", seal(2));
            witness.record("scope-0", seal(3));
            assertThat(Files.readAllLines(file())).hasSize(1 + 1_000 + 2);
            assertThat(Files.size(file())).isGreaterThan(whole);
        }
    }

    @Test
    void a_last_line_that_was_cut_off_does_not_count_and_the_next_seal_mends_it() throws Exception {
        Witness.start(file(), REPLICA, Map.of("a", seal(1))).close();
        Files.writeString(file(), "a 2 00", StandardOpenOption.APPEND);
        try (Witness torn = read()) {
            assertThat(torn.seals()).isEqualTo(Map.of("a", seal(1)));
            torn.record("a", seal(3));
        }
        assertThat(read().seals()).isEqualTo(Map.of("a", seal(3)));
    }

    @Test
    void one_that_was_deleted_under_it_is_written_anew() throws Exception {
        Witness.start(file(), REPLICA, Map.of("a", seal(1))).close();
        try (Witness witness = read()) {
            Files.delete(file());
            witness.record("b", seal(2));
        }
        assertThat(read().seals()).isEqualTo(Map.of("a", seal(1), "b", seal(2)));
    }

    private Path file() {
        return folder.resolve("witness");
    }

    private Witness read() {
        return Objects.requireNonNull(Witness.read(file()));
    }

    private static Seal seal(int seq) {
        return new Seal(seq, Bytes.wrap(new byte[] {(byte) seq, 1, 2}));
    }
}
