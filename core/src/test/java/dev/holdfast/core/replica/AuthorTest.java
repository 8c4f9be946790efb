package dev.holdfast.core.replica;

import static dev.holdfast.core.replica.Writer.NOON;
import static dev.holdfast.core.replica.Writer.P1;
import static dev.holdfast.core.replica.Writer.SCOPE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Seeds;
import dev.holdfast.core.Value;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.EarlyMark;
import dev.holdfast.core.merge.Entry;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.BatchBody;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.Operations;
import dev.holdfast.core.operation.Transaction;
import dev.holdfast.core.schema.View;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class AuthorTest {
    private static final long DAY = 86_400_000;
    private static final DocumentId P2 = new DocumentId("patients", "p2");

    private final Writer amina = new Writer(1);
    private final Writer bola = new Writer(2);

    @Test
    void a_write_is_seen_at_once_and_sealed_later() {
        Author.Written written = amina.put("name", "\"Amina\"");
        assertThat(written).isEqualTo(new Author.Written(1, 1, java.util.Set.of(P1)));
        assertThat(amina.json()).isEqualTo("{\"name\":\"Amina\"}");
        assertThat(feed(amina)).isEmpty();
        Batch batch = amina.seal().get(0);
        assertThat(feed(amina)).containsExactly(batch);
        assertThat(outbox(amina)).containsExactly(batch);
        assertThat(amina.draft()).isNull();
    }

    @Test
    void what_is_sealed_is_byte_for_byte_what_others_apply() {
        amina.put("", "{\"name\":\"Amina\",\"visits\":3,\"tags\":[\"x\"]}");
        bola.put("name", "\"Bola\"");
        Writer.exchange(amina, bola);
        amina.put("name", "\"both\"");
        Writer.exchange(amina, bola);
        assertThat(bola.document(P1).encoded()).isEqualTo(amina.document(P1).encoded());
    }

    @Test
    void a_transaction_is_written_whole_or_not_at_all() {
        Map<DocumentId, List<Change>> changes = new LinkedHashMap<>();
        changes.put(P1, List.of(new Change.Put("name", Value.of("x"))));
        changes.put(
                P2,
                List.of(
                        new Change.Put(
                                "photo", Value.of(Bytes.wrap(new byte[Limits.VALUE_BYTES])))));
        amina.put("name", "\"before\"");
        assertThatThrownBy(() -> amina.write(changes)).isInstanceOf(MalformedException.class);
        assertThat(amina.json()).isEqualTo("{\"name\":\"before\"}");
        assertThat(amina.seal().get(0).last()).isEqualTo(1);
        assertThat(amina.put("name", "\"after\"").first()).as("no number was lost").isEqualTo(2);
    }

    @Test
    void a_transaction_over_the_limit_of_a_batch_is_refused_since_nothing_is_split() {
        Map<DocumentId, List<Change>> changes = new LinkedHashMap<>();
        for (int i = 0; i < 3; i++) {
            Value photo = Value.of(Bytes.wrap(new byte[400_000]));
            changes.put(
                    new DocumentId("patients", "p" + i), List.of(new Change.Put("photo", photo)));
        }
        assertThatThrownBy(() -> amina.write(changes))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("a batch over");
        assertThat(amina.draft()).isNull();
    }

    @Test
    void a_transaction_of_many_documents_is_one_in_the_batch() {
        Map<DocumentId, List<Change>> changes = new LinkedHashMap<>();
        changes.put(P1, List.of(new Change.Put("name", Value.of("x"))));
        changes.put(P2, List.of(new Change.Put("name", Value.of("y"))));
        assertThat(amina.write(changes).last()).isEqualTo(2);
        amina.put("name", "\"z\"");
        Batch batch = amina.seal().get(0);
        assertThat(batch.body().transactions()).hasSize(2);
        assertThat(batch.body().transactions().get(0).operations()).hasSize(2);
    }

    @Test
    void a_backlog_is_sealed_in_large_batches_that_chain() {
        for (int i = 0; i < 30; i++) {
            amina.write(
                    new DocumentId("patients", "p" + i),
                    new Change.Put("photo", Value.of(Bytes.wrap(new byte[100_000]))));
        }
        List<Batch> batches = amina.seal();
        assertThat(batches).hasSizeBetween(4, 10);
        Bytes previous = Bytes.EMPTY;
        long next = 1;
        for (Batch batch : batches) {
            assertThat(batch.first()).isEqualTo(next);
            assertThat(batch.body().previous()).isEqualTo(previous);
            assertThat(batch.bytes().size()).isLessThanOrEqualTo(Limits.BATCH_BYTES);
            previous = batch.hash();
            next = batch.last() + 1;
        }
        assertThat(next).isEqualTo(31);
    }

    @Test
    void a_transaction_as_large_as_fits_is_sealed_alone() {
        for (int i = 0; i < 2; i++) {
            Map<DocumentId, List<Change>> changes = new LinkedHashMap<>();
            for (int k = 0; k < 2; k++) {
                Value photo = Value.of(Bytes.wrap(new byte[500_000]));
                changes.put(
                        new DocumentId("patients", "p" + k),
                        List.of(new Change.Put("photo" + i, photo)));
            }
            amina.write(changes);
        }
        assertThat(amina.seal()).hasSize(2);
    }

    @Test
    void the_same_draft_is_sealed_once() {
        amina.put("name", "\"Amina\"");
        Batch batch = Objects.requireNonNull(amina.draft()).signed(Operations.SIGNATURE);
        assertThat(amina.seal(batch)).isNotNull();
        assertThat(amina.seal(batch)).isNull();
        assertThat(feed(amina)).hasSize(1);
    }

    @Test
    void a_draft_from_before_a_later_write_is_still_good() {
        amina.put("name", "\"Amina\"");
        Batch batch = Objects.requireNonNull(amina.draft()).signed(Operations.SIGNATURE);
        amina.put("name", "\"Bola\"");
        assertThat(amina.seal(batch)).isNotNull();
        assertThat(amina.seal()).hasSize(1);
        bola.receiveAll(feed(amina));
        assertThat(bola.json()).isEqualTo("{\"name\":\"Bola\"}");
    }

    @Test
    void a_draft_that_was_stamped_anew_meanwhile_is_not_sealed() {
        amina.nowMillis = NOON + DAY;
        amina.put("name", "\"Amina\"");
        Batch stale = Objects.requireNonNull(amina.draft()).signed(Operations.SIGNATURE);
        assertThat(amina.heal(NOON)).isEqualTo(1);
        assertThat(amina.seal(stale)).isNull();
        assertThat(feed(amina)).isEmpty();
        assertThat(amina.seal()).hasSize(1);
    }

    @Test
    void an_unsealed_write_of_a_clock_a_day_ahead_is_stamped_anew() {
        amina.nowMillis = NOON + DAY;
        amina.put("name", "\"a\"");
        amina.put("name", "\"b\"");
        assertThat(amina.heal(NOON)).isEqualTo(2);
        for (Batch batch : amina.seal()) {
            for (Operation operation : batch.body().operations()) {
                assertThat(operation.hlc().millis())
                        .isLessThanOrEqualTo(NOON + Limits.DRIFT_MILLIS);
            }
            bola.receive(batch);
        }
        assertThat(bola.json()).isEqualTo("{\"name\":\"b\"}").isEqualTo(amina.json());
        assertThat(bola.document(P1).encoded()).isEqualTo(amina.document(P1).encoded());
        assertThat(amina.heal(NOON)).isZero();
    }

    @Test
    void a_sealed_write_of_a_clock_a_day_ahead_is_corrected_and_loses_to_later_ones() {
        amina.nowMillis = NOON + DAY;
        amina.put("name", "\"ahead\"");
        List<Batch> sealed = amina.seal();
        bola.nowMillis = NOON + 3 * Limits.DRIFT_MILLIS;
        bola.put("name", "\"later\"");
        List<Batch> later = bola.seal();
        amina.receiveAll(later);
        bola.receiveAll(sealed);
        assertThat(bola.field("name")).as("before it is healed").isEqualTo(Value.of("ahead"));
        assertThat(amina.heal(NOON)).isEqualTo(1);
        bola.receiveAll(amina.seal());
        assertThat(bola.field("name")).isEqualTo(Value.of("later"));
        assertThat(amina.field("name")).isEqualTo(Value.of("later"));
        assertThat(bola.view().conflicts().get("name")).hasSize(1);
        assertThat(bola.document(P1).encoded()).isEqualTo(amina.document(P1).encoded());
        assertThat(amina.heal(NOON)).as("once is enough").isZero();
    }

    @Test
    void healing_never_takes_a_write_below_what_it_replaced() {
        // Sealed ahead, then overwritten: the second must stay after the first, or it would replace
        // it here and nowhere else.
        amina.nowMillis = NOON + DAY;
        amina.put("name", "\"first\"");
        List<Batch> sealed = amina.seal();
        amina.put("name", "\"second\"");
        assertThat(amina.heal(NOON)).isPositive();
        bola.receiveAll(sealed);
        bola.receiveAll(amina.seal());
        assertThat(bola.document(P1).encoded()).isEqualTo(amina.document(P1).encoded());
        assertThat(bola.json()).isEqualTo("{\"name\":\"second\"}");
        assertThat(bola.view().conflicts()).isEmpty();
    }

    @Test
    void healing_never_takes_a_write_below_another_replicas_that_it_replaced() {
        bola.nowMillis = NOON + 2 * DAY;
        bola.put("name", "\"far ahead\"");
        List<Batch> ahead = bola.seal();
        amina.receiveAll(ahead);
        amina.put("name", "\"saw it\"");
        amina.heal(NOON);
        Writer.exchange(amina, bola);
        assertThat(bola.document(P1).encoded()).isEqualTo(amina.document(P1).encoded());
        assertThat(bola.json()).isEqualTo("{\"name\":\"saw it\"}");
    }

    @Test
    void what_was_claimed_to_be_replaced_is_never_stamped_below_that() {
        amina.nowMillis = NOON + DAY;
        amina.put("name", "\"ahead\"");
        Batch claim = claim(9, Hlc.of(NOON + DAY / 2, 0), new Dot(amina.id, 1));
        amina.receive(claim);
        assertThat(amina.heal(NOON)).as("corrected instead").isEqualTo(1);
        bola.receive(claim);
        bola.receiveAll(amina.seal());
        assertThat(bola.field("name")).isEqualTo(Value.of("claimed"));
        assertThat(bola.view().conflicts().get("name")).hasSize(1);
        assertThat(bola.document(P1).encoded()).isEqualTo(amina.document(P1).encoded());
        assertThat(
                        amina.store.<List<EarlyMark>>read(
                                tables -> tables.marks(SCOPE, new Dot(amina.id, 1))))
                .as("it has left, and nothing can change it any more")
                .isEmpty();
    }

    @Test
    void nobody_kills_a_write_by_naming_it_beforehand_though_he_signs_the_far_future() {
        for (Hlc reading : List.of(Hlc.of(NOON + 900 * 365 * DAY, 0), Hlc.LAST)) {
            Writer victim = new Writer(1);
            Writer other = new Writer(2);
            Dot[] next = {new Dot(victim.id, 1), new Dot(victim.id, 2), new Dot(victim.id, 3)};
            Batch claim = claim(9, reading, next);
            victim.receive(claim);
            other.receive(claim);
            victim.put("name", "\"mine\"");
            victim.write(new Change.Increment("visits", 1));
            victim.heal(NOON);
            other.receiveAll(victim.seal());
            assertThat(victim.field("visits")).isEqualTo(Value.of(1));
            assertThat(values(victim, "name")).contains(Value.of("mine"));
            assertThat(other.document(P1).encoded()).isEqualTo(victim.document(P1).encoded());
        }
    }

    @Test
    void what_was_stamped_at_the_end_of_time_keeps_nobody_from_writing() {
        amina.receive(claim(9, Hlc.LAST, new Dot(bola.id, 1)));
        amina.put("name", "\"mine\"");
        amina.put("name", "\"again\"");
        amina.write(new Change.Delete());
        amina.put("city", "\"Lagos\"");
        assertThat(values(amina, "name")).contains(Value.of("claimed"), Value.of("again"));
        assertThat(amina.field("city")).isEqualTo(Value.of("Lagos"));
        amina.seal();
    }

    /** By a dishonest replica: a value over {@code named}, which it cannot have seen. */
    private static Batch claim(int replica, Hlc reading, Dot... named) {
        Dot dot = new Dot(Operations.replica(replica), 1);
        Operation operation = Operations.put(dot, reading, "name", Value.of("claimed"), named);
        BatchBody body =
                new BatchBody(
                        SCOPE,
                        dot.replica(),
                        1,
                        Bytes.EMPTY,
                        List.of(new Transaction(null, List.of(operation))));
        return Batch.draft(body).signed(Operations.SIGNATURE);
    }

    private static List<Value> values(Writer writer, String path) {
        return writer.document(P1).at(Key.register(path)).values().stream()
                .map(Entry::payload)
                .toList();
    }

    @Test
    void healing_at_any_moment_leaves_equal_documents_everywhere() {
        Seeds.each(
                300,
                random -> {
                    List<Writer> writers = List.of(new Writer(1), new Writer(2), new Writer(3));
                    List<Batch> log = new ArrayList<>();
                    for (Writer writer : writers) {
                        writer.nowMillis = NOON + (random.nextInt(3) - 1) * DAY;
                    }
                    for (int step = 0; step < 40; step++) {
                        Writer writer = writers.get(random.nextInt(3));
                        DocumentId id = random.nextBoolean() ? P1 : P2;
                        writer.nowMillis += random.nextInt(1000);
                        switch (random.nextInt(9)) {
                            case 8 -> {
                                // Somebody claims to have replaced what is not sent, or written.
                                Dot named = new Dot(writer.id, 1 + random.nextInt(12));
                                Hlc reading = Hlc.of(NOON + random.nextInt(2 * (int) DAY), 0);
                                log.add(claim(10 + step, reading, named));
                            }
                            case 0 -> log.addAll(writer.seal());
                            case 1 -> {
                                writer.heal(NOON);
                                if (random.nextBoolean()) writer.nowMillis = NOON;
                            }
                            case 2, 3 -> {
                                if (log.isEmpty()) continue;
                                writer.receive(log.get(random.nextInt(log.size())));
                            }
                            case 4 -> writer.write(id, new Change.Increment("visits", 1));
                            case 5 -> writer.write(id, new Change.Delete());
                            default -> {
                                String path = random.nextBoolean() ? "a" : "b";
                                Value value = Value.of(random.nextInt(1000));
                                writer.write(id, new Change.Put(path, value));
                                // Whatever the clocks: a write wins over all that it saw.
                                assertThat(writer.view(id).fields().fields().get(path))
                                        .isEqualTo(value);
                                assertThat(writer.view(id).conflicts()).doesNotContainKey(path);
                            }
                        }
                    }
                    for (Writer writer : writers) {
                        writer.heal(NOON);
                        log.addAll(writer.seal());
                    }
                    for (Writer writer : writers) {
                        List<Batch> shuffled = new ArrayList<>(log);
                        Collections.shuffle(shuffled, random);
                        writer.receiveAll(shuffled);
                    }
                    for (Writer writer : writers) {
                        for (DocumentId id : List.of(P1, P2)) {
                            assertThat(writer.document(id).encoded())
                                    .isEqualTo(writers.get(0).document(id).encoded());
                        }
                    }
                });
    }

    @Test
    void a_write_that_saw_another_wins_over_it_whatever_the_clocks_say() {
        amina.nowMillis = NOON + 2 * DAY;
        amina.put("name", "\"ahead\"");
        amina.write(new Change.Add("tags", Value.of("x")));
        bola.nowMillis = NOON - 2 * DAY;
        Writer.exchange(amina, bola);
        bola.put("name", "\"behind\"");
        bola.write(new Change.Remove("tags", Value.of("x")));
        Writer.exchange(amina, bola);
        assertThat(amina.json()).isEqualTo("{\"name\":\"behind\"}").isEqualTo(bola.json());
        assertThat(amina.view().conflicts()).isEmpty();
    }

    @Test
    void a_write_that_did_not_see_all_that_stands_stands_beside_the_rest() {
        amina.put("name", "\"first\"");
        Writer.exchange(amina, bola);
        Document saw = bola.document(P1);
        amina.put("name", "\"unseen\"");
        Writer.exchange(amina, bola);
        for (String name : List.of("second", "third")) {
            bola.nowMillis += 1_000;
            bola.write(saw, new Change.Put("name", Value.of(name)));
            // What it wrote itself it has seen.
            assertThat(values(bola, "name"))
                    .containsExactlyInAnyOrder(Value.of("unseen"), Value.of(name));
        }
        assertThat(View.of(saw, Writer.SCHEMA.collection("patients")).fields())
                .isEqualTo(bola.view().fields());
        bola.write(saw, new Change.Delete());
        Writer.exchange(amina, bola);
        assertThat(amina.json()).isEqualTo("{\"name\":\"unseen\"}").isEqualTo(bola.json());
        assertThat(saw.isEmpty()).isTrue();
    }

    @Test
    void a_clock_is_not_pulled_ahead_by_what_it_replaces() {
        amina.nowMillis = NOON + DAY;
        amina.put("name", "\"ahead\"");
        Writer.exchange(amina, bola);
        bola.put("name", "\"behind\"");
        bola.put("city", "\"Lagos\"");
        Batch batch = bola.seal().get(0);
        assertThat(batch.body().operations().get(0).hlc()).isGreaterThan(Hlc.of(NOON + DAY, 0));
        assertThat(batch.body().operations().get(1).hlc().millis())
                .isLessThanOrEqualTo(NOON + Limits.DRIFT_MILLIS);
    }

    @Test
    void a_correction_of_very_many_writes_fits_in_batches() {
        amina.nowMillis = NOON + DAY;
        int documents = 12_000;
        for (int i = 0; i < documents; i += 1000) {
            Map<DocumentId, List<Change>> changes = new LinkedHashMap<>();
            for (int k = i; k < i + 1000; k++) {
                changes.put(
                        new DocumentId("patients", "p" + k),
                        List.of(new Change.Put("a", Value.of(k))));
            }
            amina.write(changes);
        }
        amina.seal();
        assertThat(amina.heal(NOON)).isEqualTo(documents);
        bola.receiveAll(feed(amina));
        bola.receiveAll(amina.seal());
        DocumentId last = new DocumentId("patients", "p" + (documents - 1));
        Hlc shown = bola.document(last).at(Key.register("a")).values().iterator().next().shown();
        assertThat(shown.millis()).isEqualTo(NOON);
    }

    @Test
    void a_refused_increment_is_not_folded_into_a_later_one() {
        amina.write(new Change.Increment("visits", 100));
        Batch refused = amina.seal().get(0);
        Rejection rejection = Admission.refuse(refused, Rejection.Code.FORBIDDEN, "no");
        Verdict verdict = new Verdict(bola.id, rejection, Bytes.EMPTY);
        amina.store.write(
                tables -> new Outbox(tables, Durability.APPLIED).record(verdict, true, NOON));
        amina.write(new Change.Increment("visits", 1));
        bola.receiveAll(amina.seal());
        assertThat(bola.json())
                .as("the refused one must not come in by the back door")
                .isEqualTo("{\"visits\":1}");
    }

    private static List<Batch> feed(Writer writer) {
        return writer.store.read(tables -> tables.feedAfter(SCOPE, 0, Integer.MAX_VALUE)).stream()
                .map(FeedItem::batch)
                .toList();
    }

    private static List<Batch> outbox(Writer writer) {
        return writer
                .store
                .read(tables -> tables.outbox(SCOPE, 0, Long.MAX_VALUE, Integer.MAX_VALUE))
                .stream()
                .map(OutboxItem::batch)
                .toList();
    }
}
