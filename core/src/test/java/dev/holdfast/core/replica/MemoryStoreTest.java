package dev.holdfast.core.replica;

import static dev.holdfast.core.replica.Writer.P1;
import static dev.holdfast.core.replica.Writer.SCOPE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Seeds;
import dev.holdfast.core.Value;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.EarlyMark;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operations;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class MemoryStoreTest {
    @Test
    void a_transaction_that_throws_changes_nothing() {
        Writer writer = new Writer(1);
        writer.put("name", "\"before\"");
        Map<String, Object> before = everything(writer.store);
        assertThatThrownBy(() ->
                        writer.store.<Object>write(tables -> {
                            new Author(tables, writer.id, Writer.SCHEMA)
                                    .write(
                                            SCOPE,
                                            Map.of(P1, List.of(new Change.Delete())),
                                            null,
                                            Writer.NOON);
                            assertThat(tables.document(SCOPE, P1).isEmpty()).isTrue();
                            throw new IllegalStateException("on purpose");
                        }))
                .hasMessage("on purpose");
        assertThat(everything(writer.store)).isEqualTo(before);
        assertThat(writer.json()).isEqualTo("{\"name\":\"before\"}");
    }

    @Test
    void a_crash_goes_back_to_the_last_flush_and_no_further() {
        Seeds.each(
                200,
                random -> {
                    Writer writer = new Writer(1, MemoryStore.buffered());
                    Writer other = new Writer(2);
                    Map<String, Object> durable = everything(writer.store);
                    for (int step = 0; step < 40; step++) {
                        switch (random.nextInt(6)) {
                            case 0 -> {
                                writer.store.flush();
                                durable = everything(writer.store);
                                assertThat(writer.store.unflushed()).isZero();
                            }
                            case 1 -> {
                                writer.store.crash();
                                assertThat(everything(writer.store)).isEqualTo(durable);
                            }
                            default -> something(writer, other, random);
                        }
                    }
                });
    }

    @Test
    void a_durable_store_loses_nothing_in_a_crash() {
        Writer writer = new Writer(1);
        writer.put("name", "\"kept\"");
        writer.store.crash();
        assertThat(writer.json()).isEqualTo("{\"name\":\"kept\"}");
    }

    @Test
    void a_copy_goes_its_own_way() {
        Writer writer = new Writer(1, MemoryStore.buffered());
        writer.put("name", "\"before\"");
        MemoryStore copy = writer.store.copy();
        Map<String, Object> before = everything(writer.store);
        writer.put("name", "\"after\"");
        Writer clone = new Writer(1, copy);
        assertThat(clone.json()).isEqualTo("{\"name\":\"before\"}");
        copy.crash();
        assertThat(everything(copy)).as("what was copied is durable in the copy").isEqualTo(before);
        clone.put("city", "\"Lagos\"");
        assertThat(writer.json()).isEqualTo("{\"name\":\"after\"}");
    }

    @Test
    void a_reader_that_writes_is_stopped() {
        MemoryStore store = MemoryStore.durable();
        assertThatThrownBy(() ->
                        store.read(tables -> {
                            tables.putAuthor(SCOPE, AuthorState.fresh(new ReplicaId(1, 1)));
                            return 1;
                        }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(store.<Boolean>read(tables -> tables.author(SCOPE) == null)).isTrue();
    }

    @Test
    void tables_end_with_their_transaction() {
        MemoryStore store = MemoryStore.durable();
        MemoryTables kept = store.read(tables -> tables);
        assertThatThrownBy(() -> kept.feedHead(SCOPE)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> store.write(tables -> store.read(inner -> 1)))
                .isInstanceOf(IllegalStateException.class);
        assertThat(store.<Integer>read(tables -> 1)).as("it goes on after that").isEqualTo(1);
    }

    @Test
    void a_document_is_the_callers_own() {
        Writer writer = new Writer(1);
        writer.put("name", "\"Amina\"");
        Document mine = writer.document(P1);
        mine.restamp(new Dot(writer.id, 1), Hlc.of(1, 1));
        assertThat(writer.document(P1).encoded()).isNotEqualTo(mine.encoded());
    }

    @Test
    void a_watcher_is_told_what_each_write_committed() {
        Writer writer = new Writer(1);
        List<MemoryStore.Committed> told = new ArrayList<>();
        writer.store.watch(told::add);
        writer.put("name", "\"Amina\"");
        assertThat(told).containsExactly(committed(false, false, true));
        told.clear();
        Batch batch = writer.seal().get(0);
        assertThat(told).containsExactly(committed(true, true, false));
        told.clear();
        writer.confirm(batch, Durability.EDGE);
        assertThat(told).containsExactly(committed(false, false, false));
        told.clear();
        assertThatThrownBy(() -> writer.put("name", "[\"\\ud800\"]")).isNotNull();
        writer.view();
        assertThat(told).isEmpty();
    }

    @Test
    void a_watcher_may_write_in_turn() {
        Writer writer = new Writer(1);
        writer.store.watch(what -> {
            if (what.unsealedGrew()) writer.seal();
        });
        writer.put("name", "\"Amina\"");
        assertThat(writer.draft()).isNull();
    }

    @Test
    void of_marks_for_one_place_the_strongest_is_kept() {
        Dot dot = new Dot(new ReplicaId(1, 1), 5);
        EarlyMark weak = new EarlyMark(dot, P1, Key.register("a"), Hlc.of(1, 0));
        EarlyMark strong = new EarlyMark(dot, P1, Key.register("a"), Hlc.of(2, 0));
        EarlyMark clock = new EarlyMark(dot, P1, Key.clock(), Hlc.of(2, 0));
        EarlyMark earlier = new EarlyMark(dot, P1, Key.clock(), Hlc.of(1, 0));
        EarlyMark elsewhere =
                new EarlyMark(dot, new DocumentId("c", "i"), Key.register("a"), Hlc.of(1, 0));
        MemoryStore store = MemoryStore.durable();
        List<EarlyMark> marks =
                store.write(tables -> {
                    for (EarlyMark mark :
                            List.of(weak, strong, weak, clock, earlier, clock, elsewhere)) {
                        tables.addMark(SCOPE, mark);
                    }
                    return tables.marks(SCOPE, dot);
                });
        assertThat(marks).containsExactlyInAnyOrder(strong, earlier, elsewhere);
        store.write(tables -> {
            tables.removeMarks(SCOPE, dot);
            return 0;
        });
        assertThat(store.<List<EarlyMark>>read(tables -> tables.marks(SCOPE, dot))).isEmpty();
    }

    @Test
    void of_watermarks_about_a_replica_the_one_that_reaches_furthest_is_kept() {
        ReplicaId one = Operations.replica(1);
        ReplicaId two = Operations.replica(2);
        Receipt.Signed far = watermark(Durability.REGION, span(one, 9), span(two, 2));
        Receipt.Signed near = watermark(Durability.REGION, span(one, 3), span(two, 5));
        Receipt.Signed applied = watermark(Durability.APPLIED, span(one, 2));
        MemoryStore store = MemoryStore.durable();
        store.write(tables -> {
            for (Receipt.Signed signed : List.of(far, near, applied)) tables.putWatermark(signed);
            return 0;
        });
        assertThat(store.<List<Receipt.Signed>>read(tables -> tables.watermarks(SCOPE, one)))
                .containsExactly(far, applied);
        assertThat(store.<List<Receipt.Signed>>read(tables -> tables.watermarks(SCOPE, two)))
                .containsExactly(near);
    }

    @Test
    void quarantine_keeps_a_batch_once_with_its_first_reason() {
        Writer writer = new Writer(1);
        writer.put("name", "\"Amina\"");
        Batch batch = writer.seal().get(0);
        Writer node = new Writer(2);
        for (String reason : List.of("first", "second")) {
            node.store.write(tables -> {
                tables.quarantine(batch, Rejection.Code.FORK, reason, 5);
                return 0;
            });
        }
        assertThat(node.store.<List<MemoryTables.Quarantined>>read(MemoryTables::quarantined))
                .containsExactly(
                        new MemoryTables.Quarantined(batch, Rejection.Code.FORK, "first", 5));
        assertThat(node.store.<List<Rejection>>read(tables -> tables.quarantined(SCOPE, writer.id)))
                .containsExactly(Admission.refuse(batch, Rejection.Code.FORK, "first"));
    }

    private static MemoryStore.Committed committed(boolean feed, boolean outbox, boolean unsealed) {
        return new MemoryStore.Committed(SCOPE, java.util.Set.of(P1), feed, outbox, unsealed);
    }

    private static Receipt.Signed watermark(Durability level, Span... spans) {
        return new Receipt(Operations.replica(9), SCOPE, level, 1, List.of(spans))
                .signed(Operations.SIGNATURE);
    }

    private static Span span(ReplicaId replica, long to) {
        return new Span(replica, 1, to, Bytes.wrap(new byte[32]));
    }

    private static void something(Writer writer, Writer other, Random random) {
        switch (random.nextInt(6)) {
            case 0 -> writer.write(new Change.Increment("visits", 1));
            case 1 -> writer.write(new Change.Delete());
            case 2 -> writer.seal();
            case 3 -> {
                other.put("name", "\"" + random.nextInt(9) + "\"");
                List<Batch> sealed = other.seal();
                if (!sealed.isEmpty()) writer.receive(sealed.get(0));
            }
            case 4 -> {
                List<OutboxItem> outbox =
                        writer.store.read(tables -> tables.outbox(SCOPE, 0, Long.MAX_VALUE, 1));
                if (!outbox.isEmpty()) writer.confirm(outbox.get(0).batch(), Durability.APPLIED);
            }
            default -> writer.write(new Change.Put("name", Value.of(random.nextInt(9))));
        }
    }

    /** All that a store holds, as values of their own. */
    private static Map<String, Object> everything(MemoryStore store) {
        MemoryScope scope =
                Objects.requireNonNullElseGet(store.scopes.get(SCOPE), MemoryScope::new);
        MemoryScope copy = new MemoryScope(scope);
        return Map.ofEntries(
                Map.entry("authors", new ArrayList<>(store.authors.entrySet()).toString()),
                Map.entry("outbox bytes", store.outboxBytes.getOrDefault(SCOPE, 0L)),
                Map.entry("feed", copy.feed),
                Map.entry("heads", copy.headsByFirst),
                Map.entry("heads by last", copy.headsByLast),
                Map.entry("context", copy.context),
                Map.entry("documents", copy.documents),
                Map.entry("marks", copy.marks),
                Map.entry("unsealed", copy.unsealed),
                Map.entry("outbox", copy.outbox),
                Map.entry("outbox by first", copy.outboxByFirst),
                Map.entry("unconfirmed", copy.unconfirmed),
                Map.entry("verdicts", copy.verdicts));
    }
}
