package dev.holdfast.store;

import static dev.holdfast.store.Writing.NOW;
import static dev.holdfast.store.Writing.SCHEMA;
import static dev.holdfast.store.Writing.SCOPE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Applier;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.MemoryStore;
import dev.holdfast.core.replica.ReplicaTables;
import dev.holdfast.keys.ReplicaKey;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SQLite and memory are two homes of one logic: the same history leaves the same bytes. */
final class SameAsMemoryTest {
    private static final int STEPS = 300;

    @TempDir Path folder;

    @Test
    void the_same_history_leaves_the_same_bytes_as_in_memory() {
        for (long seed = 1; seed <= 6; seed++) {
            Path in = folder.resolve("s" + seed);
            StoreSettings settings =
                    seed % 2 == 0 ? StoreSettings.edge(in) : StoreSettings.device(in, SCHEMA);
            try (ReplicaStore store = ReplicaStore.open(settings, Writing.entropy(seed))) {
                new History(seed, store).run();
            }
        }
    }

    /** Batches of others, own writes, receipts, refusals and failures, in a random order. */
    private static final class History {
        private final long seed;
        private final Random random;
        private final ReplicaStore store;
        private final MemoryStore memory = MemoryStore.durable();
        private final List<MemoryStore> others = new ArrayList<>();
        private final List<ReplicaKey> keys = new ArrayList<>();

        /** Batches that were written somewhere and did not come here yet. */
        private final List<Batch> underway = new ArrayList<>();

        private final List<Batch> sealed = new ArrayList<>();

        History(long seed, ReplicaStore store) {
            this.seed = seed;
            this.store = store;
            random = new Random(seed);
            for (int i = 0; i < 3; i++) {
                others.add(MemoryStore.durable());
                keys.add(ReplicaKey.create(Writing.entropy(seed * 100 + i)));
            }
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(9)) {
                    case 0, 1 -> somebodyWrites();
                    case 2, 3 -> oneArrives();
                    case 4 -> write(changes());
                    case 5 -> seal();
                    case 6 -> confirm();
                    case 7 -> answerAgain();
                    default -> fails();
                }
            }
            while (!underway.isEmpty()) oneArrives();
            requireSame();
        }

        /** Another replica writes, having seen what some third one wrote. */
        private void somebodyWrites() {
            int who = random.nextInt(others.size());
            MemoryStore other = others.get(who);
            ReplicaKey key = keys.get(who);
            Map<DocumentId, List<Change>> changes = changes();
            Batch written =
                    other.write(tables -> {
                        Author author = new Author(tables, key.replica(), SCHEMA);
                        author.write(SCOPE, changes, null, NOW + random.nextInt(1000));
                        Batch.Draft draft = author.draft(SCOPE);
                        if (draft == null) return null;
                        Batch batch = draft.signed(key.sign(draft.signedText()));
                        author.seal(batch, NOW);
                        return batch;
                    });
            if (written == null) return;
            underway.add(written);
            MemoryStore reader = others.get(random.nextInt(others.size()));
            if (reader != other) reader.write(tables -> new Applier(tables).apply(written));
        }

        private void oneArrives() {
            if (underway.isEmpty()) return;
            Batch batch = underway.remove(random.nextInt(underway.size()));
            both(tables -> {
                Applier.Outcome outcome = new Applier(tables).apply(batch);
                if (outcome instanceof Applier.Outcome.Applied applied) {
                    tables.addToOutbox(new FeedItem(applied.head(), batch), Durability.EDGE, NOW);
                }
                return outcome.toString();
            });
            sealed.add(batch);
        }

        private void write(Map<DocumentId, List<Change>> changes) {
            long now = NOW + random.nextInt(1000);
            both(tables -> {
                Author.Written written = author(tables).write(SCOPE, changes, null, now);
                return written.first() + " " + written.last();
            });
        }

        private void seal() {
            Batch.Draft draft = store.read(tables -> author(tables).draft(SCOPE));
            if (draft == null) return;
            Batch batch = draft.signed(store.key().sign(draft.signedText()));
            both(tables -> String.valueOf(author(tables).seal(batch, NOW)));
            sealed.add(batch);
        }

        private void confirm() {
            if (sealed.isEmpty()) return;
            Span span = Span.of(sealed.get(random.nextInt(sealed.size())));
            Durability level = Durability.ofCode(random.nextInt(5));
            both(tables -> {
                tables.raise(SCOPE, span, level);
                if (level == Durability.GLOBAL) tables.dropFromOutbox(SCOPE, span);
                return "";
            });
        }

        /** What left the outbox of an edge comes back into it at its place. */
        private void answerAgain() {
            if (sealed.isEmpty()) return;
            Batch batch = sealed.get(random.nextInt(sealed.size()));
            if (batch.author().equals(store.key().replica())) return;
            both(tables -> {
                FeedHead place = tables.placeOf(SCOPE, batch.author(), batch.first());
                Intervals waiting = tables.unconfirmed(SCOPE, batch.author());
                if (place != null && !waiting.contains(batch.first()))
                    tables.addToOutbox(new FeedItem(place, batch), Durability.EDGE, NOW);
                return place + " " + waiting + " " + tables.unconfirmed(SCOPE, batch.author());
            });
        }

        /**
         * What is thrown out of a transaction leaves no trace, in the tables or in what they
         * remember.
         */
        private void fails() {
            Map<DocumentId, List<Change>> changes = changes();
            Function<ReplicaTables, String> work =
                    tables -> {
                        author(tables).write(SCOPE, changes, null, NOW);
                        if (!sealed.isEmpty()) {
                            tables.dropFromOutbox(SCOPE, Span.of(sealed.get(0)));
                        }
                        throw new UnsupportedOperationException();
                    };
            try {
                store.write(work);
            } catch (UnsupportedOperationException e) {
                // as it should be
            }
            try {
                memory.write(work);
            } catch (UnsupportedOperationException e) {
                // as it should be
            }
        }

        private Author author(ReplicaTables tables) {
            return new Author(tables, store.key().replica(), SCHEMA);
        }

        private void both(Function<ReplicaTables, String> work) {
            String here = store.write(work);
            String there = memory.write(work);
            assertThat(here).as("seed %s", seed).isEqualTo(there);
        }

        private Map<DocumentId, List<Change>> changes() {
            Map<DocumentId, List<Change>> changes = new HashMap<>();
            for (int i = random.nextInt(3); i >= 0; i--) {
                DocumentId id = Writing.patient("p" + random.nextInt(5));
                changes.computeIfAbsent(id, none -> new ArrayList<>()).add(change());
            }
            return changes;
        }

        private Change change() {
            return switch (random.nextInt(6)) {
                case 0 -> new Change.Put("name", Value.of(random.nextInt(9)));
                case 1 -> new Change.Put("address.city", Value.of("c" + random.nextInt(9)));
                case 2 -> new Change.Increment("visits", random.nextInt(9) + 1);
                case 3 -> new Change.Add("allergies", Value.of(random.nextInt(4)));
                case 4 -> new Change.Remove("allergies", Value.of(random.nextInt(4)));
                default -> new Change.Delete();
            };
        }

        private void requireSame() {
            List<String> here = store.read(History::dump);
            List<String> there = memory.read(History::dump);
            assertThat(here).as("seed %s", seed).isEqualTo(there);
            for (int i = 0; i < 5; i++) {
                DocumentId id = Writing.patient("p" + i);
                Bytes mine = store.read(tables -> tables.document(SCOPE, id).encoded());
                Bytes theirs = memory.read(tables -> tables.document(SCOPE, id).encoded());
                assertThat(mine).as("seed %s %s", seed, id).isEqualTo(theirs);
            }
        }

        private static List<String> dump(ReplicaTables tables) {
            List<String> lines = new ArrayList<>();
            lines.add(tables.context(SCOPE).toString());
            lines.add(tables.unconfirmed(SCOPE).toString());
            lines.add(String.valueOf(tables.author(SCOPE)));
            lines.add(tables.feedHead(SCOPE).toString());
            lines.add(tables.scopes() + " " + tables.outboxBytes());
            tables.outbox(SCOPE, 0, Long.MAX_VALUE, Integer.MAX_VALUE)
                    .forEach(item -> lines.add(item.number() + " " + item.level()));
            tables.unsealed(SCOPE, 0, Integer.MAX_VALUE)
                    .forEach(unsealed -> lines.add(unsealed.toString()));
            return lines;
        }
    }
}
