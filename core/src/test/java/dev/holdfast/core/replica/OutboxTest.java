package dev.holdfast.core.replica;

import static dev.holdfast.core.replica.Writer.NOON;
import static dev.holdfast.core.replica.Writer.P1;
import static dev.holdfast.core.replica.Writer.SCOPE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Operations;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class OutboxTest {
    private static final ReplicaId NODE = Operations.replica(9);

    private final Writer author = new Writer(1);
    private final List<Batch> batches = new ArrayList<>();

    OutboxTest() {
        for (int i = 0; i < 3; i++) {
            author.put("name", "\"" + i + "\"");
            batches.addAll(author.seal());
        }
    }

    @Test
    void a_batch_is_kept_until_it_is_retained_above_and_not_just_acknowledged() {
        for (Durability level : List.of(Durability.EDGE, Durability.REGION)) {
            assertThat(record(level, Span.of(batches.get(0)))).containsExactly(P1);
            assertThat(outbox()).isEqualTo(batches);
            assertThat(levels()).containsExactly(level, Durability.DEVICE, Durability.DEVICE);
        }
        record(Durability.APPLIED, Span.of(batches.get(0)));
        assertThat(outbox()).isEqualTo(batches.subList(1, 3));
    }

    @Test
    void a_second_region_can_be_waited_for() {
        Receipt applied = receipt(Durability.APPLIED, Span.of(batches.get(0)));
        author.store.write(tables -> new Outbox(tables, Durability.GLOBAL).record(applied));
        assertThat(outbox()).hasSize(3);
        Receipt global = receipt(Durability.GLOBAL, Span.of(batches.get(0)));
        author.store.write(tables -> new Outbox(tables, Durability.GLOBAL).record(global));
        assertThat(outbox()).hasSize(2);
    }

    @Test
    void a_receipt_speaks_for_the_whole_span_and_nothing_beyond() {
        Span two = new Span(author.id, 1, 2, batches.get(1).hash());
        record(Durability.APPLIED, two);
        assertThat(outbox()).containsExactly(batches.get(2));
        Context unconfirmed = author.store.read(tables -> tables.unconfirmed(SCOPE));
        assertThat(unconfirmed.of(author.id)).isEqualTo(Intervals.of(3, 3));
    }

    @Test
    void a_receipt_is_not_believed_beyond_a_gap_for_other_bytes_may_lie_there() {
        MemoryStore other = MemoryStore.durable();
        for (Batch batch : List.of(batches.get(0), batches.get(2))) {
            other.write(tables -> {
                Applier.Outcome.Applied applied =
                        (Applier.Outcome.Applied) new Applier(tables).apply(batch);
                tables.addToOutbox(new FeedItem(applied.head(), batch), Durability.EDGE, NOON);
                return true;
            });
        }
        Span all = new Span(author.id, 1, 3, batches.get(2).hash());
        other.write(tables ->
                new Outbox(tables, Durability.APPLIED).record(receipt(Durability.APPLIED, all)));
        assertThat(other.read(tables -> tables.unconfirmed(SCOPE)).of(author.id))
                .isEqualTo(Intervals.of(1, 1));
    }

    @Test
    void a_receipt_for_other_bytes_is_not_believed() {
        Span wrong = new Span(author.id, 1, 1, Bytes.wrap(new byte[32]));
        Span notAnEnd = new Span(author.id, 1, 7, batches.get(0).hash());
        Span other = new Span(Operations.replica(5), 1, 1, batches.get(0).hash());
        for (Span span : List.of(wrong, notAnEnd, other)) {
            assertThat(record(Durability.GLOBAL, span)).isEmpty();
        }
        assertThat(outbox()).isEqualTo(batches);
        assertThat(levels()).containsOnly(Durability.DEVICE);
    }

    @Test
    void a_level_never_falls_and_a_repetition_changes_nothing() {
        record(Durability.REGION, Span.of(batches.get(0)));
        assertThat(record(Durability.REGION, Span.of(batches.get(0)))).isEmpty();
        assertThat(record(Durability.EDGE, Span.of(batches.get(0)))).isEmpty();
        assertThat(levels().get(0)).isEqualTo(Durability.REGION);
        record(Durability.APPLIED, Span.of(batches.get(0)));
        assertThat(record(Durability.APPLIED, Span.of(batches.get(0)))).isEmpty();
    }

    @Test
    void a_refusal_is_kept_for_its_author_and_stops_the_sending() {
        Rejection rejection = Admission.refuse(batches.get(1), Rejection.Code.FORBIDDEN, "no");
        assertThat(refuse(rejection)).isTrue();
        assertThat(outbox()).containsExactly(batches.get(0), batches.get(2));
        assertThat(rejections()).containsExactly(rejection);
        assertThat(refuse(rejection)).as("told twice").isFalse();
        assertThat(rejections()).hasSize(1);
        author.store.write(tables -> {
            tables.dropVerdict(SCOPE, rejection.span());
            return tables.verdicts(SCOPE, author.id);
        });
        assertThat(rejections()).isEmpty();
    }

    @Test
    void a_refusal_that_is_not_for_good_is_kept_and_gives_nothing_up() {
        Rejection rejection = Admission.refuse(batches.get(1), Rejection.Code.GRANT_EXPIRED, "no");
        assertThat(refuse(rejection, false)).isTrue();
        assertThat(outbox()).isEqualTo(batches);
        assertThat(rejections()).containsExactly(rejection);
        assertThat(refuse(rejection, false)).as("told twice").isFalse();
        assertThat(refuse(rejection, true)).as("for good now").isTrue();
        assertThat(outbox()).containsExactly(batches.get(0), batches.get(2));
    }

    @Test
    void a_refusal_of_other_bytes_is_passed_over() {
        Span wrong = new Span(author.id, 1, 1, Bytes.wrap(new byte[32]));
        assertThat(refuse(new Rejection(SCOPE, wrong, Rejection.Code.FORK, "no"))).isFalse();
        assertThat(outbox()).isEqualTo(batches);
        assertThat(rejections()).isEmpty();
    }

    @Test
    void the_outbox_counts_its_bytes() {
        long all = batches.stream().mapToLong(Batch::sizeBytes).sum();
        assertThat(author.store.read(ReplicaTables::outboxBytes)).isEqualTo(all);
        record(Durability.APPLIED, Span.of(batches.get(0)));
        assertThat(author.store.read(ReplicaTables::outboxBytes))
                .isEqualTo(all - batches.get(0).sizeBytes());
    }

    @Test
    void an_edge_answers_for_everybody_who_pushed_there() {
        Writer edge = new Writer(7);
        Batch batch = batches.get(0);
        edge.store.write(tables -> {
            var applied = (Applier.Outcome.Applied) new Applier(tables).apply(batch);
            tables.addToOutbox(new FeedItem(applied.head(), batch), Durability.EDGE, NOON);
            return tables.unconfirmed(SCOPE);
        });
        OutboxItem item =
                edge.store.read(tables -> tables.outbox(SCOPE, 0, Long.MAX_VALUE, 1)).get(0);
        assertThat(item).isEqualTo(new OutboxItem(1, batch, Durability.EDGE, NOON));
        edge.confirm(batch, Durability.APPLIED);
        assertThat(edge.store.read(tables -> tables.unconfirmed(SCOPE)).isEmpty()).isTrue();
    }

    private Set<DocumentId> record(Durability level, Span span) {
        Receipt receipt = receipt(level, span);
        return author.store.write(
                tables -> new Outbox(tables, Durability.APPLIED).record(receipt).changed());
    }

    private static Receipt receipt(Durability level, Span span) {
        return new Receipt(NODE, SCOPE, level, NOON, List.of(span));
    }

    private boolean refuse(Rejection rejection) {
        return refuse(rejection, true);
    }

    private boolean refuse(Rejection rejection, boolean settled) {
        Verdict verdict = new Verdict(NODE, rejection, Bytes.EMPTY);
        return author.store.write(
                tables -> new Outbox(tables, Durability.APPLIED).record(verdict, settled, NOON));
    }

    private List<Rejection> rejections() {
        return author.store.read(tables -> tables.verdicts(SCOPE, author.id)).stream()
                .map(Verdict::rejection)
                .toList();
    }

    private List<Batch> outbox() {
        return items().stream().map(OutboxItem::batch).toList();
    }

    private List<Durability> levels() {
        return items().stream().map(OutboxItem::level).toList();
    }

    private List<OutboxItem> items() {
        return author.store.read(
                tables -> tables.outbox(SCOPE, 0, Long.MAX_VALUE, Integer.MAX_VALUE));
    }
}
