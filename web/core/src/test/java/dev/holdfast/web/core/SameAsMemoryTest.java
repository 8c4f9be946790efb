package dev.holdfast.web.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Applier;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.replica.MemoryStore;
import dev.holdfast.core.replica.Outbox;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.ReplicaTables;
import dev.holdfast.core.replica.Verdict;
import dev.holdfast.core.schema.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The image and memory are two homes of one logic: the same history leaves the same in both. */
final class SameAsMemoryTest {
    private static final String SCOPE = "clinic-7";
    private static final long NOW = 1_700_000_000_000L;
    private static final int STEPS = 250;

    @Test
    void the_same_history_leaves_the_same_as_in_memory() {
        long first = Long.getLong("holdfast.seed", new Random().nextInt(1 << 30));
        for (long seed = first; seed < first + 20; seed++) {
            try {
                new History(new Random(seed)).run();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static final class History {
        private final Random random;
        private final ReplicaId self = id(1);
        private final MemoryStore memory = MemoryStore.durable();
        private final List<MemoryStore> others =
                List.of(MemoryStore.durable(), MemoryStore.durable());

        /** Batches that were written somewhere and did not come here yet. */
        private final List<Batch> underway = new ArrayList<>();

        private final List<Batch> own = new ArrayList<>();
        private final TreeMap<Bytes, Bytes> kept = new TreeMap<>();
        private Image image = Image.of(self, List.of());

        History(Random random) {
            this.random = random;
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                switch (random.nextInt(9)) {
                    case 0, 1 -> otherWrites();
                    case 2, 3 -> arrives();
                    case 4 -> write();
                    case 5 -> seal();
                    case 6 -> confirm();
                    case 7 -> refuse();
                    default -> {
                        if (random.nextBoolean()) fails();
                        else reopen();
                    }
                }
                requireSame();
            }
        }

        private void otherWrites() {
            int who = random.nextInt(others.size());
            Map<DocumentId, List<Change>> changes = changes();
            Batch written =
                    others.get(who)
                            .<@Nullable Batch>write(tables -> {
                                Author author = new Author(tables, id(2 + who), Schema.EMPTY);
                                author.write(SCOPE, changes, null, NOW + random.nextInt(1000));
                                return sealed(author);
                            });
            if (written == null) return;
            underway.add(written);
            MemoryStore reader = others.get(1 - who);
            if (random.nextBoolean())
                reader.write(tables -> new Applier(tables, id(3 - who)).apply(written));
        }

        private static @Nullable Batch sealed(Author author) {
            Batch.Draft draft = author.draft(SCOPE);
            if (draft == null) return null;
            Batch batch = draft.signed(signature(draft.signedText()));
            return author.seal(batch, NOW) == null ? null : batch;
        }

        private void arrives() {
            if (underway.isEmpty()) return;
            Batch batch = underway.get(random.nextInt(underway.size()));
            if (random.nextInt(4) > 0) underway.remove(batch);
            both(tables -> new Applier(tables, self).apply(batch).toString());
        }

        private void write() {
            Map<DocumentId, List<Change>> changes = changes();
            long now = NOW + random.nextInt(1000);
            both(tables -> {
                Author.Written written = author(tables).write(SCOPE, changes, null, now);
                return written.first() + " " + written.last();
            });
        }

        private void seal() {
            Batch here = image.<@Nullable Batch>write(tables -> sealed(author(tables)));
            Batch there = memory.<@Nullable Batch>write(tables -> sealed(author(tables)));
            assertThat(here).isEqualTo(there);
            if (here != null) own.add(here);
        }

        private void confirm() {
            if (own.isEmpty()) return;
            Span span = Span.of(own.get(random.nextInt(own.size())));
            Durability level = Durability.ofCode(1 + random.nextInt(3));
            both(tables -> {
                tables.raise(SCOPE, span, level);
                if (level == Durability.APPLIED) tables.dropFromOutbox(SCOPE, span);
                return "";
            });
        }

        private void refuse() {
            if (own.isEmpty()) return;
            Span span = Span.of(own.get(random.nextInt(own.size())));
            Rejection rejection = new Rejection(SCOPE, span, Rejection.Code.FORBIDDEN, "no");
            Verdict verdict = Verdict.signed(id(9), rejection, SameAsMemoryTest::signature);
            boolean settled = random.nextBoolean();
            boolean dropped = random.nextInt(3) == 0;
            both(tables -> {
                Outbox outbox = new Outbox(tables, Durability.APPLIED);
                boolean news = outbox.record(verdict, settled, NOW);
                if (dropped) tables.dropVerdict(SCOPE, span);
                return String.valueOf(news);
            });
        }

        /** What is thrown out of a transaction leaves no trace. */
        private void fails() {
            Map<DocumentId, List<Change>> changes = changes();
            Function<ReplicaTables, String> work =
                    tables -> {
                        author(tables).write(SCOPE, changes, null, NOW);
                        if (!own.isEmpty()) tables.dropFromOutbox(SCOPE, Span.of(own.get(0)));
                        throw new UnsupportedOperationException();
                    };
            for (boolean inImage : new boolean[] {true, false}) {
                try {
                    if (inImage) image.write(work);
                    else memory.write(work);
                } catch (UnsupportedOperationException e) {
                    // as it should be
                }
            }
        }

        /** From its rows, which must be all of it. */
        private void reopen() {
            for (Image.Row row : image.take()) {
                Bytes content = row.content();
                if (content == null) kept.remove(row.name());
                else kept.put(row.name(), content);
            }
            image.flushed();
            List<Image.Row> rows = new ArrayList<>();
            kept.forEach((name, content) -> rows.add(new Image.Row(name, content)));
            image = Image.of(self, rows);
        }

        private Author author(ReplicaTables tables) {
            return new Author(tables, self, Schema.EMPTY);
        }

        private void both(Function<ReplicaTables, String> work) {
            assertThat(image.write(work)).isEqualTo(memory.write(work));
        }

        private void requireSame() {
            assertThat(image.read(this::dump)).isEqualTo(memory.read(this::dump));
        }

        private List<String> dump(ReplicaTables tables) {
            List<String> lines = new ArrayList<>();
            lines.add(tables.context(SCOPE).toString());
            lines.add(tables.unconfirmed(SCOPE).toString());
            lines.add(String.valueOf(tables.author(SCOPE)));
            lines.add(tables.feedHead(SCOPE) + " " + tables.outboxBytes());
            tables.outbox(SCOPE, 0, Long.MAX_VALUE, Integer.MAX_VALUE)
                    .forEach(item -> lines.add(item.number() + " " + item.level()));
            tables.unsealed(SCOPE, 0, Integer.MAX_VALUE)
                    .forEach(unsealed -> lines.add(unsealed.toString()));
            lines.add(tables.verdicts(SCOPE, self).toString());
            for (int who = 1; who <= 3; who++) {
                for (long seq = 1; seq < 12; seq++) {
                    lines.add(
                            tables.batchFrom(SCOPE, id(who), seq)
                                    + " "
                                    + tables.batchTo(SCOPE, id(who), seq)
                                    + " "
                                    + tables.batchUpTo(SCOPE, id(who), seq));
                }
            }
            for (int i = 0; i < 4; i++)
                lines.add(
                        tables.document(SCOPE, new DocumentId("patients", "p" + i))
                                .encoded()
                                .hex());
            return lines;
        }

        private Map<DocumentId, List<Change>> changes() {
            Map<DocumentId, List<Change>> changes = new TreeMap<>();
            for (int i = random.nextInt(3); i >= 0; i--) {
                DocumentId id = new DocumentId("patients", "p" + random.nextInt(4));
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
    }

    private static ReplicaId id(int number) {
        return ReplicaId.ofKey(Sha256.of(Bytes.wrap(new byte[] {(byte) number})));
    }

    private static Bytes signature(Bytes text) {
        Bytes half = Sha256.of(text);
        return half.concat(half);
    }
}
