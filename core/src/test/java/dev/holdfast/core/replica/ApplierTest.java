package dev.holdfast.core.replica;

import static dev.holdfast.core.replica.Writer.P1;
import static dev.holdfast.core.replica.Writer.SCOPE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Seeds;
import dev.holdfast.core.Value;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.BatchBody;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Operations;
import dev.holdfast.core.operation.Transaction;
import dev.holdfast.core.sync.Uplink;
import dev.holdfast.core.sync.Upstream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ApplierTest {
    private static final Hlc NOW = Hlc.of(Writer.NOON, 0);

    private final Writer author = new Writer(1);
    private final Writer node = new Writer(2);

    @Test
    void a_write_sent_once_twice_or_fifty_times_has_one_effect() {
        author.write(new Change.Increment("visits", 7));
        Batch batch = author.seal().get(0);
        for (int times = 1; times <= 50; times++) {
            Applier.Outcome outcome = node.receive(batch);
            if (times == 1) assertThat(outcome).isInstanceOf(Applier.Outcome.Applied.class);
            else assertThat(outcome).isEqualTo(new Applier.Outcome.Duplicate());
            assertThat(node.json()).isEqualTo("{\"visits\":7}");
        }
        assertThat(head(node).number()).isEqualTo(1);
    }

    @Test
    void an_author_that_gets_its_own_batch_back_knows_it() {
        author.write(new Change.Increment("visits", 7));
        Batch batch = author.seal().get(0);
        assertThat(author.receive(batch)).isEqualTo(new Applier.Outcome.Duplicate());
        assertThat(author.json()).isEqualTo("{\"visits\":7}");
    }

    @Test
    void the_feed_tells_what_was_applied_and_hashes_it() {
        List<Batch> batches = batches(4);
        FeedHead before = FeedHead.START;
        for (Batch batch : batches) {
            var applied = (Applier.Outcome.Applied) node.receive(batch);
            assertThat(applied.head()).isEqualTo(before.next(batch.hash()));
            assertThat(applied.changed()).containsExactly(P1);
            before = applied.head();
        }
        FeedHead last = before;
        node.store.read(tables -> {
            assertThat(tables.feedHead(SCOPE)).isEqualTo(last);
            assertThat(tables.feedHash(SCOPE, 0)).isEqualTo(Bytes.EMPTY);
            assertThat(tables.feedHash(SCOPE, 4)).isEqualTo(last.hash());
            assertThat(tables.feedHash(SCOPE, 5)).isNull();
            assertThat(tables.feedAfter(SCOPE, 1, 1)).hasSize(1);
            return tables.feedAfter(SCOPE, 4, 1);
        });
    }

    @Test
    void a_gap_is_applied_over_and_filled_later() {
        List<Batch> batches = batches(3);
        assertThat(node.receive(batches.get(2))).isInstanceOf(Applier.Outcome.Applied.class);
        assertThat(context(node)).isEqualTo(Intervals.of(3, 3));
        assertThat(node.receive(batches.get(0))).isInstanceOf(Applier.Outcome.Applied.class);
        assertThat(context(node)).isEqualTo(Intervals.of(1, 1).with(3, 3));
        assertThat(node.receive(batches.get(1))).isInstanceOf(Applier.Outcome.Applied.class);
        assertThat(context(node)).isEqualTo(Intervals.of(1, 3));
        assertThat(node.document(P1).encoded()).isEqualTo(author.document(P1).encoded());
    }

    @Test
    void the_same_numbers_with_other_bytes_are_a_fork() {
        Batch mine = batch(1, Bytes.EMPTY, 1, "mine");
        Batch other = batch(1, Bytes.EMPTY, 1, "other");
        node.receive(mine);
        refused(other);
        assertThat(node.receive(mine)).isEqualTo(new Applier.Outcome.Duplicate());
    }

    @Test
    void the_same_numbers_cut_otherwise_are_a_fork() {
        Batch first = batch(1, Bytes.EMPTY, 2, "a");
        Batch second = batch(3, first.hash(), 2, "b");
        node.receive(first);
        node.receive(second);
        refused(batch(1, Bytes.EMPTY, 4, "a"));
        refused(batch(1, Bytes.EMPTY, 1, "a"));
        refused(batch(2, Bytes.wrap(new byte[32]), 1, "a"));
        refused(batch(2, Bytes.wrap(new byte[32]), 2, "a"));
        refused(batch(4, Bytes.wrap(new byte[32]), 5, "a"));
    }

    /** It was acknowledged, though nobody had its bytes: its author would have let them go. */
    @Test
    void a_batch_that_lies_within_another_is_a_fork() {
        node.receive(batch(1, Bytes.EMPTY, 5, "a"));
        for (int first = 2; first <= 5; first++) {
            for (int operations = 1; first + operations <= 7; operations++)
                refused(batch(first, Bytes.wrap(new byte[32]), operations, "a"));
        }
    }

    @Test
    void a_batch_that_follows_another_than_the_one_here_is_a_fork() {
        node.receive(batch(1, Bytes.EMPTY, 2, "a"));
        refused(batch(3, batch(1, Bytes.EMPTY, 2, "b").hash(), 1, "c"));
    }

    @Test
    void a_batch_that_fills_a_gap_must_be_the_one_that_its_follower_names() {
        Batch first = batch(1, Bytes.EMPTY, 2, "a");
        Batch second = batch(3, first.hash(), 1, "c");
        node.receive(second);
        refused(batch(1, Bytes.EMPTY, 2, "b"));
        assertThat(node.receive(first)).isInstanceOf(Applier.Outcome.Applied.class);
    }

    @Test
    void a_batch_under_this_stores_own_key_that_it_does_not_know_says_that_it_was_cloned() {
        // The clone sealed numbers that are written here too, but not sealed: no fork for the
        // applier, which sees only that their dots are there. Whoever feeds it asks first.
        Writer clone = new Writer(1, author.store.copy());
        author.put("name", "\"mine\"");
        clone.put("name", "\"the clone's\"");
        assertThat(taken(clone.seal()).cloned()).isTrue();
        assertThat(taken(author.seal()).cloned()).isFalse();
        assertThat(author.json()).isEqualTo("{\"name\":\"mine\"}");
    }

    private Upstream.Taken taken(List<Batch> batches) {
        Cursor cursor = new Cursor(Operations.replica(9), FeedHead.START);
        var changes = new Uplink.Action.Store(SCOPE, cursor, batches, Map.of());
        return author.store.write(tables ->
                new Upstream(tables, author.id, Grant.Role.DEVICE, Durability.APPLIED)
                        .store(changes, Writer.NOON));
    }

    @Test
    void any_order_with_any_duplicates_ends_in_the_same_state_and_context() {
        Seeds.each(
                100,
                random -> {
                    Writer one = new Writer(1);
                    for (int i = 0; i < 12; i++) {
                        if (random.nextBoolean()) one.write(new Change.Increment("visits", i));
                        else one.put("name", "\"" + random.nextInt(5) + "\"");
                        if (random.nextBoolean()) one.seal();
                    }
                    one.seal();
                    List<Batch> batches = new ArrayList<>(feed(one));
                    batches.addAll(feed(one));
                    Collections.shuffle(batches, random);
                    Writer other = new Writer(2);
                    other.receiveAll(batches);
                    assertThat(other.document(P1).encoded()).isEqualTo(one.document(P1).encoded());
                    assertThat(context(other)).isEqualTo(context(one));
                    assertThat(head(other).number()).isEqualTo(head(one).number());
                });
    }

    /** A fork changes nothing at all. */
    private void refused(Batch batch) {
        MemoryStore before = node.store.copy();
        assertThat(node.receive(batch)).isInstanceOf(Applier.Outcome.Forked.class);
        MemoryScope scope = java.util.Objects.requireNonNull(node.store.scopes.get(SCOPE));
        MemoryScope known = java.util.Objects.requireNonNull(before.scopes.get(SCOPE));
        assertThat(scope.documents).isEqualTo(known.documents);
        assertThat(scope.context).isEqualTo(known.context);
        assertThat(scope.feed).isEqualTo(known.feed);
        assertThat(scope.headsByFirst).isEqualTo(known.headsByFirst);
    }

    private List<Batch> batches(int count) {
        List<Batch> batches = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            author.put("name", "\"" + i + "\"");
            batches.addAll(author.seal());
        }
        return batches;
    }

    private static Batch batch(long first, Bytes previous, int operations, String value) {
        List<Transaction> transactions = new ArrayList<>();
        for (long seq = first; seq < first + operations; seq++) {
            Dot dot = new Dot(Operations.replica(1), seq);
            transactions.add(
                    new Transaction(
                            null, List.of(Operations.put(dot, NOW, "name", Value.of(value)))));
        }
        BatchBody body = new BatchBody(SCOPE, Operations.replica(1), first, previous, transactions);
        return Batch.draft(body).signed(Operations.SIGNATURE);
    }

    private static FeedHead head(Writer writer) {
        return writer.store.read(tables -> tables.feedHead(SCOPE));
    }

    private static Intervals context(Writer writer) {
        return writer.store.read(tables -> tables.context(SCOPE, Operations.replica(1)));
    }

    private static List<Batch> feed(Writer writer) {
        return writer.store.read(tables -> tables.feedAfter(SCOPE, 0, Integer.MAX_VALUE)).stream()
                .map(FeedItem::batch)
                .toList();
    }
}
