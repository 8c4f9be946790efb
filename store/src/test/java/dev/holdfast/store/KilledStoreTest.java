package dev.holdfast.store;

import static dev.holdfast.store.Writing.SCOPE;
import static dev.holdfast.store.Writing.patient;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Value;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.replica.AuthorState;
import dev.holdfast.core.replica.OutboxItem;
import dev.holdfast.core.replica.Unsealed;
import dev.holdfast.core.schema.View;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a JVM that writes, at random moments, and looks at what it left. */
final class KilledStoreTest {
    private static final int ROUNDS = 10;
    private static final int THREADS = 4;

    @TempDir Path folder;

    /** Writes until it is killed; prints each write once it has returned. */
    public static void main(String[] args) throws InterruptedException {
        ReplicaStore store = Writing.open(Path.of(args[0]), Long.parseLong(args[1]));
        for (int t = 0; t < THREADS; t++) {
            String id = "p" + t;
            Thread.ofPlatform()
                    .start(() -> {
                        while (true) {
                            long seq = Writing.increment(store, id, 1).last();
                            say(id + " " + seq);
                        }
                    });
        }
        while (true) {
            store.seal(SCOPE, Writing.NOW).ifPresent(item -> say("sealed " + item.batch().last()));
        }
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    @Test
    void every_acknowledged_write_is_there_after_a_kill_at_any_moment() throws Exception {
        long seed = 20261124;
        Random random = new Random(seed);
        Map<String, Integer> acknowledged = new HashMap<>();
        Set<Long> dots = new HashSet<>();
        long sealed = 0;
        for (int round = 0; round < ROUNDS; round++) {
            for (String line : runAndKill(20 + random.nextInt(150), seed + round)) {
                String[] words = line.split(" ", -1);
                long seq = Long.parseLong(words[1]);
                if (words[0].equals("sealed")) {
                    sealed = Math.max(sealed, seq);
                    continue;
                }
                assertThat(dots.add(seq)).as("seed %s: %s given out once", seed, seq).isTrue();
                acknowledged.merge(words[0], 1, Integer::sum);
            }
            try (ReplicaStore store = Writing.open(folder, seed)) {
                for (int t = 0; t < THREADS; t++) {
                    String id = "p" + t;
                    Value visits =
                            Writing.shown(store, id).fields().getOrDefault("visits", Value.of(0));
                    // Those that were flushed and not printed any more count as well.
                    assertThat(((Value.Int) visits).value())
                            .as("seed %s round %s", seed, round)
                            .isGreaterThanOrEqualTo(acknowledged.getOrDefault(id, 0));
                }
                requireWhole(store, dots, sealed);
            }
        }
        assertThat(dots.size()).isGreaterThan(100);
    }

    /** Answers the lines that the child printed before it was killed. */
    private List<String> runAndKill(int afterLines, long seed)
            throws IOException, InterruptedException {
        Process child =
                new ProcessBuilder(
                                Path.of(property("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                property("java.class.path"),
                                KilledStoreTest.class.getName(),
                                folder.toString(),
                                Long.toString(seed))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader lines = child.inputReader()) {
            List<String> before = new ArrayList<>();
            while (before.size() < afterLines) {
                String line = lines.readLine();
                if (line == null) throw new IOException("the child ended by itself");
                before.add(line);
            }
            // Not destroyForcibly(), which closes the stream and loses what was printed.
            child.toHandle().destroyForcibly();
            lines.lines().filter(line -> line.matches("\\w+ \\d+")).forEach(before::add);
            return before;
        } finally {
            child.destroyForcibly();
            assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static String property(String name) {
        return Objects.requireNonNull(System.getProperty(name));
    }

    private static void requireWhole(ReplicaStore store, Set<Long> dots, long sealed) {
        String check =
                store.query(connection -> {
                    try (var statement = connection.createStatement();
                            var rows = statement.executeQuery("pragma integrity_check")) {
                        rows.next();
                        return String.valueOf(rows.getString(1));
                    }
                });
        assertThat(check).isEqualTo("ok");
        store.read(tables -> {
            AuthorState state = Objects.requireNonNull(tables.author(SCOPE));
            Intervals seen = tables.context(SCOPE, store.key().replica());
            assertThat(seen.count()).isEqualTo(1);
            assertThat(seen.max()).isEqualTo(state.nextSeq() - 1);
            assertThat(dots).allMatch(seen::contains);
            assertThat(state.sealedSeq()).isGreaterThanOrEqualTo(sealed);
            long expected = 1;
            Map<String, Long> visits = new HashMap<>();
            List<OutboxItem> outbox = tables.outbox(SCOPE, 0, Long.MAX_VALUE, Integer.MAX_VALUE);
            assertThat(outbox).hasSize((int) tables.feedHead(SCOPE).number());
            for (OutboxItem item : outbox) {
                Batch batch = item.batch();
                assertThat(batch.first()).isEqualTo(expected);
                expected = batch.last() + 1;
                batch.body().operations().forEach(operation -> count(operation, visits));
            }
            assertThat(expected).isEqualTo(state.sealedSeq() + 1);
            for (Unsealed unsealed : tables.unsealed(SCOPE, state.sealedSeq(), Integer.MAX_VALUE)) {
                assertThat(unsealed.first()).isEqualTo(expected);
                expected = unsealed.last() + 1;
                unsealed.transaction().operations().forEach(o -> count(o, visits));
            }
            assertThat(expected).isEqualTo(state.nextSeq());
            visits.forEach((id, sum) ->
                    assertThat(View.sum(tables.document(SCOPE, patient(id)), Key.counter("visits")))
                            .isEqualTo(sum));
            return true;
        });
    }

    private static void count(Operation operation, Map<String, Long> visits) {
        long by = ((Value.Int) Objects.requireNonNull(operation.edits().get(0).payload())).value();
        visits.merge(operation.id(), by, Long::sum);
    }
}
