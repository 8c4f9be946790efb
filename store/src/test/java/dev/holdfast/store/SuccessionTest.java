package dev.holdfast.store;

import static dev.holdfast.store.Writing.NOW;
import static dev.holdfast.store.Writing.SCHEMA;
import static dev.holdfast.store.Writing.SCOPE;
import static dev.holdfast.store.Writing.patient;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Applier;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.MemoryStore;
import dev.holdfast.core.replica.OutboxItem;
import dev.holdfast.core.schema.View;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Verifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Restored backups and cloned disks: nothing is lost, nothing is overwritten, nothing counts twice.
 */
final class SuccessionTest {
    @TempDir Path temp;

    private final MemoryStore above = MemoryStore.durable();
    private long stores;

    @Test
    void a_restored_backup_takes_a_new_key_and_counts_what_was_sent_already_once()
            throws IOException {
        Path folder = temp.resolve("device");
        ReplicaId before;
        try (ReplicaStore store = open(folder)) {
            before = store.key().replica();
            write(store, "a");
            sync(store);
            write(store, "b");
            write(store, "c");
        }
        copy(folder, temp.resolve("backup"));
        try (ReplicaStore store = open(folder)) {
            sync(store); // sends b and c
            write(store, "d");
            sync(store);
        }
        Files.copy(
                temp.resolve("backup/store.db"),
                folder.resolve("store.db"),
                StandardCopyOption.REPLACE_EXISTING);
        try (ReplicaStore store = open(folder)) {
            assertThat(store.isRestored()).isTrue();
            assertThat(store.key().replica()).isNotEqualTo(before);
            requireElements(document(store), "a", "b", "c");
            sync(store);
            requireElements(document(store), "a", "b", "c", "d");
            requireSame(store);
        }
        try (ReplicaStore store = open(folder)) {
            assertThat(store.isRestored()).isFalse();
            write(store, "e");
            sync(store);
            requireElements(document(store), "a", "b", "c", "d", "e");
            requireSame(store);
        }
    }

    @Test
    void a_restored_backup_brings_what_was_never_sent() throws IOException {
        Path folder = temp.resolve("device");
        try (ReplicaStore store = open(folder)) {
            write(store, "a");
            sync(store);
            write(store, "b");
        }
        copy(folder, temp.resolve("backup"));
        try (ReplicaStore store = open(folder)) {
            store.seal(SCOPE, NOW); // and the disk dies before it is sent
        }
        Files.copy(
                temp.resolve("backup/store.db"),
                folder.resolve("store.db"),
                StandardCopyOption.REPLACE_EXISTING);
        try (ReplicaStore store = open(folder)) {
            assertThat(store.isRestored()).isTrue();
            write(store, "c");
            sync(store);
            requireElements(document(store), "a", "b", "c");
            requireSame(store);
        }
    }

    @Test
    void a_cloned_disk_is_noticed_and_both_histories_stand() throws IOException {
        Path one = temp.resolve("one");
        Path two = temp.resolve("two");
        try (ReplicaStore store = open(one)) {
            write(store, "a");
            sync(store);
            write(store, "b");
        }
        copy(one, two);
        try (ReplicaStore first = open(one);
                ReplicaStore second = open(two)) {
            write(first, "c");
            write(second, "d");
            write(second, "e");
            sync(first);
            ReplicaId shared = first.key().replica();
            second.seal(SCOPE, NOW); // under the shared key, not acknowledged by anybody
            write(second, "f");
            sync(second);
            assertThat(second.key().replica()).isNotEqualTo(shared);
            assertThat(first.key().replica()).isEqualTo(shared);
            sync(first);
            requireElements(document(first), "a", "b", "c", "d", "e", "f");
            requireSame(first);
            requireSame(second);
        }
    }

    @Test
    void nothing_is_sealed_after_a_foreign_batch_until_the_feed_was_followed() throws IOException {
        Path one = temp.resolve("one");
        Path two = temp.resolve("two");
        try (ReplicaStore store = open(one)) {
            write(store, "a");
            sync(store);
        }
        copy(one, two);
        Batch foreign;
        try (ReplicaStore first = open(one)) {
            write(first, "b");
            foreign = first.seal(SCOPE, NOW).orElseThrow().batch();
        }
        try (ReplicaStore second = open(two)) {
            write(second, "c");
            assertThat(second.shownForeign(SCOPE, foreign.author(), foreign.last(), foreign.hash()))
                    .isTrue();
            assertThat(second.isHeld(SCOPE)).isTrue();
            assertThat(second.seal(SCOPE, NOW)).isEmpty();
            requireElements(document(second), "a", "c");
            // It is another's now: told again, nothing happens.
            assertThat(second.shownForeign(SCOPE, foreign.author(), foreign.last(), foreign.hash()))
                    .isFalse();
            apply(second, foreign);
            second.caughtUp(SCOPE);
            assertThat(second.seal(SCOPE, NOW)).isPresent();
            requireElements(document(second), "a", "b", "c");
        }
    }

    @Test
    void a_grant_goes_on_under_the_new_key() throws IOException {
        Path folder = temp.resolve("device");
        ReplicaKey authority = ReplicaKey.create(Writing.entropy(7));
        try (ReplicaStore store = open(folder)) {
            Grant grant =
                    new Grant(
                            store.key().publicKey(),
                            "nurse-amina",
                            Grant.Role.DEVICE,
                            List.of(new Grant.Right(SCOPE, true, List.of("*"))),
                            0,
                            NOW,
                            0);
            SignedGrant signed =
                    SignedGrant.of(grant, authority.sign(SignedGrant.signedText(grant)));
            store.write(tables -> {
                tables.putGrant(signed);
                return true;
            });
            write(store, "a");
        }
        copy(folder, temp.resolve("backup"));
        try (ReplicaStore store = open(folder)) {
            store.seal(SCOPE, NOW);
        }
        Files.copy(
                temp.resolve("backup/store.db"),
                folder.resolve("store.db"),
                StandardCopyOption.REPLACE_EXISTING);
        try (ReplicaStore store = open(folder)) {
            SignedGrant grant =
                    Objects.requireNonNull(
                            store.read(tables -> tables.grant(store.key().replica())));
            assertThat(grant.publicKey()).isEqualTo(store.key().publicKey());
            assertThat(grant.checks(authority.publicKey()))
                    .allMatch(check ->
                            new Verifier()
                                    .verify(check.publicKey(), check.text(), check.signature()));
        }
    }

    @Test
    void a_crash_between_seal_and_witness_is_no_restored_backup() throws IOException {
        Path folder = temp.resolve("device");
        ReplicaId before;
        try (ReplicaStore store = open(folder)) {
            before = store.key().replica();
            write(store, "a");
            store.seal(SCOPE, NOW);
            Files.copy(folder.resolve("witness"), temp.resolve("older"));
            write(store, "b");
            store.seal(SCOPE, NOW);
        }
        byte[] older = Files.readAllBytes(temp.resolve("older"));
        Files.write(folder.resolve("witness"), older);
        // And the line that was being written was cut off.
        Files.writeString(folder.resolve("witness"), SCOPE + " 2 00", StandardOpenOption.APPEND);
        try (ReplicaStore store = open(folder)) {
            assertThat(store.isRestored()).isFalse();
            assertThat(store.key().replica()).isEqualTo(before);
        }
        Files.delete(folder.resolve("witness"));
        try (ReplicaStore store = open(folder)) {
            assertThat(store.isRestored()).isTrue();
        }
    }

    @Test
    void a_succession_that_a_crash_cut_off_is_finished_and_not_begun_again() throws IOException {
        Path folder = temp.resolve("device");
        try (ReplicaStore store = open(folder)) {
            write(store, "a");
            store.seal(SCOPE, NOW);
        }
        copy(folder, temp.resolve("before"));
        ReplicaId next;
        try (ReplicaStore store = open(folder)) {
            store.shownForeign(SCOPE, store.key().replica(), 9, Bytes.wrap(new byte[32]));
            next = store.key().replica();
        }
        // As if the database had been the last thing that was written.
        Files.move(folder.resolve("replica.key"), folder.resolve("replica.key.next"));
        for (String name : List.of("replica.key", "witness")) {
            Files.copy(
                    temp.resolve("before").resolve(name),
                    folder.resolve(name),
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.COPY_ATTRIBUTES);
        }
        try (ReplicaStore store = open(folder)) {
            assertThat(store.isRestored()).isFalse();
            assertThat(store.key().replica()).isEqualTo(next);
            assertThat(folder.resolve("replica.key.next")).doesNotExist();
            store.caughtUp(SCOPE);
            write(store, "b");
            sync(store);
            requireElements(document(store), "a", "b");
            requireSame(store);
        }
    }

    @Test
    void whatever_is_restored_or_cloned_when_each_write_counts_once() throws IOException {
        for (long seed = 1; seed <= 20; seed++) new History(seed).run();
    }

    /**
     * One device's writes, cut by a backup that is restored later or a clone that goes on as well.
     */
    private final class History {
        private final long seed;
        private final Random random;
        private final MemoryStore node = MemoryStore.durable();
        private final TreeSet<String> expected = new TreeSet<>();
        private int written;

        History(long seed) {
            this.seed = seed;
            random = new Random(seed);
        }

        void run() throws IOException {
            Path one = temp.resolve("h" + seed);
            Path two = temp.resolve("h" + seed + "-copy");
            boolean clone = random.nextBoolean();
            boolean wholeFolder = clone || random.nextBoolean();
            try (ReplicaStore store = open(one)) {
                work(store, expected);
            }
            copy(one, two);
            if (clone) bothGoOn(one, two);
            else restore(one, two, wholeFolder);
            try (ReplicaStore store = open(wholeFolder ? two : one)) {
                settle(store);
                Document mine = document(store);
                assertThat(elements(mine)).as("seed %s", seed).isEqualTo(expected);
                assertThat(View.sum(mine, Key.counter("visits")))
                        .as("seed %s: each counts once", seed)
                        .isEqualTo(expected.size());
                assertThat(mine.encoded()).as("seed %s", seed).isEqualTo(above(node).encoded());
            }
        }

        private void bothGoOn(Path one, Path two) {
            try (ReplicaStore first = open(one);
                    ReplicaStore second = open(two)) {
                for (int turn = 0; turn < 4; turn++) {
                    work(first, expected);
                    work(second, expected);
                }
                settle(second);
                settle(first);
            }
        }

        private void restore(Path one, Path two, boolean wholeFolder) throws IOException {
            TreeSet<String> lost = new TreeSet<>();
            try (ReplicaStore store = open(one)) {
                work(store, lost);
                // What reached the node above is not lost with the disk.
                expected.addAll(elements(above(node)));
            }
            if (!wholeFolder) {
                Files.copy(
                        two.resolve("store.db"),
                        one.resolve("store.db"),
                        StandardCopyOption.REPLACE_EXISTING);
            }
            try (ReplicaStore store = open(wholeFolder ? two : one)) {
                work(store, expected);
                settle(store);
            }
        }

        private void settle(ReplicaStore store) {
            SuccessionTest.sync(store, node, Integer.MAX_VALUE);
            SuccessionTest.sync(store, node, Integer.MAX_VALUE);
        }

        private void work(ReplicaStore store, Set<String> into) {
            for (int i = random.nextInt(12); i > 0; i--) {
                switch (random.nextInt(5)) {
                    case 0 -> store.seal(SCOPE, NOW);
                    case 1 -> SuccessionTest.sync(store, node, random.nextInt(3));
                    default -> {
                        String element = "e" + written++;
                        write(store, element);
                        into.add(element);
                    }
                }
            }
        }
    }

    private ReplicaStore open(Path folder) {
        return Writing.open(folder, 1000 + stores++);
    }

    /** Every write adds an element and counts it: what counts twice, or not at all, shows. */
    private static void write(ReplicaStore store, String element) {
        store.write(tables ->
                store.author(tables)
                        .write(
                                SCOPE,
                                Map.of(
                                        patient("x"),
                                        List.of(
                                                new Change.Increment("visits", 1),
                                                new Change.Put("last", Value.of(element)),
                                                new Change.Add("allergies", Value.of(element)))),
                                null,
                                NOW));
    }

    private void sync(ReplicaStore store) {
        sync(store, above, Integer.MAX_VALUE);
    }

    /** A session as a driver runs it: follow the feed, then push; anew after a new key. */
    private static void sync(ReplicaStore store, MemoryStore node, int pushes) {
        for (FeedItem item : node.read(tables -> tables.feedAfter(SCOPE, 0, Integer.MAX_VALUE))) {
            Batch batch = item.batch();
            if (store.shownForeign(SCOPE, batch.author(), batch.last(), batch.hash())) {
                sync(store, node, pushes);
                return;
            }
            apply(store, batch);
        }
        store.caughtUp(SCOPE);
        if (pushes > 0) store.seal(SCOPE, NOW);
        List<OutboxItem> outbox =
                store.read(tables -> tables.outbox(SCOPE, 0, Long.MAX_VALUE, Integer.MAX_VALUE));
        for (OutboxItem item : outbox.subList(0, Math.min(pushes, outbox.size()))) {
            Batch batch = item.batch();
            Applier.Outcome outcome = node.write(tables -> new Applier(tables).apply(batch));
            assertThat(outcome).isNotInstanceOf(Applier.Outcome.Forked.class);
            Span span = Span.of(batch);
            store.write(tables -> tables.raise(SCOPE, span, Durability.EDGE));
        }
    }

    private static void apply(ReplicaStore store, Batch batch) {
        store.write(tables -> {
            Applier.Outcome outcome = new Applier(tables).apply(batch);
            assertThat(outcome).isNotInstanceOf(Applier.Outcome.Forked.class);
            return true;
        });
    }

    private void requireSame(ReplicaStore store) {
        assertThat(document(store).encoded()).isEqualTo(above(above).encoded());
    }

    private static Document above(MemoryStore node) {
        return node.read(tables -> tables.document(SCOPE, patient("x")));
    }

    private static Document document(ReplicaStore store) {
        return store.read(tables -> tables.document(SCOPE, patient("x")));
    }

    private static void requireElements(Document document, String... elements) {
        assertThat(elements(document)).containsExactly(elements);
        assertThat(View.sum(document, Key.counter("visits"))).isEqualTo(elements.length);
    }

    private static Set<String> elements(Document document) {
        TreeSet<String> elements = new TreeSet<>();
        Value shown =
                View.of(document, SCHEMA.collection("patients"))
                        .fields()
                        .fields()
                        .getOrDefault("allergies", new Value.Array(List.of()));
        for (Value element : ((Value.Array) shown).items()) {
            elements.add(((Value.Text) element).value());
        }
        return elements;
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(
                        file,
                        to.resolve(from.relativize(file)),
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }
}
