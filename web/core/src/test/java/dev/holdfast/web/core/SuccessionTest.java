package dev.holdfast.web.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Applier;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.BatchHead;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.MemoryStore;
import dev.holdfast.core.replica.OutboxItem;
import dev.holdfast.core.replica.Succession;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.schema.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Copied profiles: nothing is lost, nothing is overwritten, nothing counts twice. */
final class SuccessionTest {
    private static final String SCOPE = "clinic-7";
    private static final DocumentId DOCUMENT = new DocumentId("patients", "x");
    private static final long NOW = 1_700_000_000_000L;

    private long keys;

    @Test
    void whatever_is_copied_when_each_write_counts_once() {
        for (long seed = 1; seed <= 100; seed++) new History(seed).run();
    }

    @Test
    void a_succession_that_could_not_be_kept_is_taken_back() {
        Profile profile = new Profile(new TreeMap<>(), new ReplicaId(1, 1));
        profile.write("a");
        profile.keep();
        ReplicaId before = profile.image.self();
        Bytes document = document(profile.image).encoded();
        profile.succeed();
        assertThat(profile.image.self()).isNotEqualTo(before);
        assertThat(profile.image.own()).contains(before);
        profile.image.take();
        profile.image.lost();
        assertThat(profile.image.self()).isEqualTo(before);
        assertThat(profile.image.own()).containsExactly(before);
        assertThat(document(profile.image).encoded()).isEqualTo(document);
    }

    @Test
    void what_was_acknowledged_under_the_key_before_is_still_known_to_be_ones_own() {
        Profile profile = new Profile(new TreeMap<>(), new ReplicaId(1, 1));
        profile.write("a");
        profile.sync(MemoryStore.durable(), 1);
        profile.succeed();
        assertThat(profile.level()).isEqualTo(Durability.EDGE);
        profile.write("b");
        assertThat(profile.level()).isEqualTo(Durability.DEVICE);
        profile.reopen();
        assertThat(profile.level()).isEqualTo(Durability.DEVICE);
    }

    /**
     * One profile's writes, and those of its copy. Neither is opened again before the copy is
     * noticed: what {@link Succession} says of that remains.
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

        void run() {
            Profile one = new Profile(new TreeMap<>(), new ReplicaId(seed, 0));
            work(one);
            one.keep();
            Profile two = new Profile(new TreeMap<>(one.rows), new ReplicaId(seed, 0));
            one.reopen();
            for (int turn = 0; turn < 4; turn++) {
                work(one);
                work(two);
            }
            for (Profile profile : List.of(two, one, two)) {
                profile.sync(node, Integer.MAX_VALUE);
                profile.sync(node, Integer.MAX_VALUE);
            }
            for (Profile profile : List.of(one, two)) {
                profile.sync(node, Integer.MAX_VALUE);
                Document mine = document(profile.image);
                List<String> elements = new ArrayList<>();
                for (Key key : mine.keys())
                    if (key.kind() == Key.SET)
                        elements.add(((Value.Text) key.elementValue()).value());
                assertThat(elements)
                        .as("seed %s", seed)
                        .containsExactlyInAnyOrderElementsOf(expected);
                assertThat(View.sum(mine, Key.counter("visits")))
                        .as("seed %s: each counts once", seed)
                        .isEqualTo(expected.size());
                assertThat(mine.encoded())
                        .as("seed %s", seed)
                        .isEqualTo(
                                node.<Bytes>read(
                                        tables -> tables.document(SCOPE, DOCUMENT).encoded()));
            }
        }

        private void work(Profile profile) {
            for (int i = random.nextInt(12); i > 0; i--) {
                switch (random.nextInt(6)) {
                    case 0 -> profile.seal();
                    case 1 -> profile.sync(node, random.nextInt(3));
                    case 2 -> profile.keep();
                    default -> {
                        String element = "e" + written++;
                        profile.write(element);
                        expected.add(element);
                    }
                }
            }
        }
    }

    /** A browser's rows and the image over them. */
    private final class Profile {
        final Map<Bytes, Bytes> rows;
        private ReplicaId key;
        Image image;

        Profile(Map<Bytes, Bytes> rows, ReplicaId key) {
            this.rows = rows;
            this.key = key;
            image = Image.of(key, rows());
        }

        private List<Image.Row> rows() {
            List<Image.Row> all = new ArrayList<>();
            rows.forEach((name, content) -> all.add(new Image.Row(name, content)));
            return all;
        }

        /** Rows and key are kept together. */
        void keep() {
            for (Image.Row row : image.take()) {
                Bytes content = row.content();
                if (content == null) rows.remove(row.name());
                else rows.put(row.name(), content);
            }
            image.flushed();
            key = image.self();
        }

        void reopen() {
            keep();
            image = Image.of(key, rows());
        }

        void write(String element) {
            List<Change> changes =
                    List.of(
                            new Change.Increment("visits", 1),
                            new Change.Put("last", Value.of(element)),
                            new Change.Add("allergies", Value.of(element)));
            image.write(
                    tables -> author(tables).write(SCOPE, Map.of(DOCUMENT, changes), null, NOW));
        }

        void seal() {
            Batch.Draft draft =
                    image.<Batch.@Nullable Draft>read(
                            tables -> tables.isHeld(SCOPE) ? null : author(tables).draft(SCOPE));
            if (draft == null) return;
            Batch batch = draft.signed(Bytes.wrap(new byte[64]));
            image.write(tables -> author(tables).seal(batch, NOW) != null);
        }

        void succeed() {
            image.succeed(new ReplicaId(-1, ++keys), null);
        }

        private Author author(ImageTables tables) {
            return new Author(tables, image.self(), Schema.EMPTY);
        }

        private boolean isStrange(Batch batch) {
            if (!batch.author().equals(image.self())) return false;
            BatchHead known =
                    image.<@Nullable BatchHead>read(
                            tables -> tables.batchTo(SCOPE, batch.author(), batch.last()));
            return known == null || !known.hash().equals(batch.hash());
        }

        /** A session as a driver runs it: follow the feed, then push; anew after a new key. */
        void sync(MemoryStore node, int pushes) {
            for (FeedItem item :
                    node.read(tables -> tables.feedAfter(SCOPE, 0, Integer.MAX_VALUE))) {
                if (isStrange(item.batch())) {
                    succeed();
                    sync(node, pushes);
                    return;
                }
                Applier.Outcome outcome =
                        image.write(
                                tables -> new Applier(tables, image.self()).apply(item.batch()));
                assertThat(outcome).isNotInstanceOf(Applier.Outcome.Forked.class);
            }
            image.write(tables -> {
                new Succession(tables).caughtUp(SCOPE);
                return true;
            });
            if (pushes > 0) seal();
            keep();
            List<OutboxItem> outbox =
                    image.read(
                            tables -> tables.outbox(SCOPE, 0, Long.MAX_VALUE, Integer.MAX_VALUE));
            for (OutboxItem item : outbox.subList(0, Math.min(pushes, outbox.size()))) {
                Applier.Outcome outcome =
                        node.write(tables -> new Applier(tables).apply(item.batch()));
                assertThat(outcome).isNotInstanceOf(Applier.Outcome.Forked.class);
                image.write(tables -> tables.raise(SCOPE, Span.of(item.batch()), Durability.EDGE));
            }
        }

        @Nullable Durability level() {
            return image.<@Nullable Durability>read(tables -> tables.pending(SCOPE, DOCUMENT));
        }
    }

    private static Document document(Image image) {
        return image.read(tables -> tables.document(SCOPE, DOCUMENT));
    }
}
