package dev.holdfast.store;

import static dev.holdfast.store.Writing.NOW;
import static dev.holdfast.store.Writing.SCOPE;
import static dev.holdfast.store.Writing.patient;
import static dev.holdfast.store.Writing.put;
import static dev.holdfast.store.Writing.shown;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.OutboxItem;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.Verdict;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReplicaStoreTest {
    @TempDir Path folder;

    @Test
    void a_write_is_there_after_a_restart_with_its_key_context_and_durability() {
        Bytes key;
        try (ReplicaStore store = Writing.open(folder, 1)) {
            key = store.key().publicKey();
            put(store, "amina", "name", Value.of("Amina"));
            FeedItem sealed = store.seal(SCOPE, NOW).orElseThrow();
            assertThat(sealed.head().number()).isEqualTo(1);
            put(store, "amina", "age", Value.of(7));
        }
        try (ReplicaStore store = Writing.open(folder, 2)) {
            assertThat(store.key().publicKey()).isEqualTo(key);
            assertThat(shown(store, "amina").fields())
                    .containsEntry("name", Value.of("Amina"))
                    .containsEntry("age", Value.of(7));
            store.read(tables -> {
                assertThat(tables.context(SCOPE, store.key().replica()).max()).isEqualTo(2);
                assertThat(tables.outbox(SCOPE, 0, 9, 1 << 20)).hasSize(1);
                assertThat(tables.unsealed(SCOPE, 1, 1 << 20)).hasSize(1);
                assertThat(tables.pending(SCOPE, patient("amina"))).contains(Durability.DEVICE);
                return true;
            });
        }
    }

    @Test
    void a_store_of_the_first_shape_is_taken_on() throws Exception {
        FeedItem sealed;
        try (ReplicaStore store = Writing.open(folder, 1)) {
            put(store, "amina", "name", Value.of("Amina"));
            sealed = store.seal(SCOPE, NOW).orElseThrow();
            Span span = Span.of(sealed.batch());
            Rejection refusal = new Rejection(SCOPE, span, Rejection.Code.FORBIDDEN, "no");
            Verdict verdict = new Verdict(span.replica(), refusal, Bytes.EMPTY);
            store.write(tables -> {
                tables.putGrant(grant(store, "patients"));
                return tables.addVerdict(verdict, NOW);
            });
        }
        try (var old = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("store.db"));
                var statement = old.createStatement()) {
            for (String step :
                    List.of(
                            "create table bodies (place integer primary key, batch blob not null)",
                            "insert into bodies select place, batch from batches",
                            "alter table batches drop column batch",
                            "alter table rejections drop column node",
                            "alter table rejections drop column signature",
                            "create table one (replica blob primary key, signed blob not null)",
                            "insert into one select replica, signed from grants",
                            "drop table grants",
                            "alter table one rename to grants",
                            "drop index quarantine_settled",
                            "alter table quarantine drop column settled",
                            "alter table quarantine drop column settled_by",
                            "alter table quarantine drop column settled_why",
                            "pragma user_version = 1")) statement.executeUpdate(step);
        }
        try (ReplicaStore store = Writing.open(folder, 2)) {
            List<FeedItem> feed = store.read(tables -> tables.feedAfter(SCOPE, 0, 1 << 20));
            assertThat(feed).containsExactly(sealed);
            List<OutboxItem> outbox = store.read(tables -> tables.outbox(SCOPE, 0, 9, 1 << 20));
            assertThat(outbox).extracting(OutboxItem::batch).containsExactly(sealed.batch());
            assertThat(store.<List<Rejection>>read(tables -> tables.rejections(SCOPE)))
                    .extracting(Rejection::reason)
                    .containsExactly("no");
            assertThat(
                            store.<List<Verdict>>read(
                                    tables -> tables.verdicts(SCOPE, sealed.batch().author())))
                    .hasSize(1);
            assertThat(store.<@Nullable SignedGrant>read(tables -> tables.grant(tables.replica())))
                    .isEqualTo(grant(store, "patients"));
        }
    }

    @Test
    void grants_of_a_replica_are_kept_in_their_order_until_another_covers_them() {
        try (ReplicaStore store = Writing.open(folder, 1)) {
            ReplicaId replica = store.key().replica();
            SignedGrant patients = grant(store, "patients");
            SignedGrant orders = grant(store, "orders");
            store.write(tables -> {
                tables.addGrant(patients);
                tables.addGrant(orders);
                return true;
            });
            assertThat(store.<@Nullable Granted>read(tables -> tables.granted(replica)))
                    .isEqualTo(new Granted(List.of(orders, patients)));
            SignedGrant any = grant(store, Grant.ANY);
            store.write(tables -> {
                tables.addGrant(any);
                return true;
            });
            assertThat(store.<@Nullable Granted>read(tables -> tables.granted(replica)))
                    .isEqualTo(Granted.of(any));
        }
    }

    private static SignedGrant grant(ReplicaStore store, String collection) {
        Grant.Right right = new Grant.Right(SCOPE, true, List.of(collection));
        Bytes key = store.key().publicKey();
        Grant grant = new Grant(key, "amina", Grant.Role.DEVICE, List.of(right), 0, NOW, 0);
        return SignedGrant.of(grant, Bytes.wrap(new byte[64]));
    }

    @Test
    void a_document_is_as_durable_as_its_least_operation_until_all_are_given_up() {
        try (ReplicaStore store = Writing.open(folder, 1)) {
            put(store, "a", "name", Value.of("x"));
            Span first = Span.of(store.seal(SCOPE, NOW).orElseThrow().batch());
            put(store, "a", "name", Value.of("y"));
            Span second = Span.of(store.seal(SCOPE, NOW).orElseThrow().batch());
            assertThat(raise(store, first, Durability.REGION)).containsExactly(patient("a"));
            assertThat(pending(store)).contains(Durability.DEVICE);
            raise(store, second, Durability.EDGE);
            assertThat(pending(store)).contains(Durability.EDGE);
            assertThat(raise(store, second, Durability.DEVICE)).isEmpty();
            store.write(tables -> {
                tables.dropFromOutbox(SCOPE, second);
                return true;
            });
            assertThat(pending(store)).contains(Durability.REGION);
            put(store, "a", "name", Value.of("z"));
            assertThat(pending(store)).contains(Durability.DEVICE);
            Span third = Span.of(store.seal(SCOPE, NOW).orElseThrow().batch());
            store.write(tables -> {
                tables.dropFromOutbox(SCOPE, first);
                tables.dropFromOutbox(SCOPE, third);
                assertThat(tables.outboxBytes()).isZero();
                return true;
            });
            assertThat(pending(store)).isEmpty();
            assertThat(
                            (List<?>)
                                    store.read(tables ->
                                            tables.pendingDocuments(
                                                    SCOPE, new DocumentId("", ""), 9)))
                    .isEmpty();
            // The bytes went with the outbox; the heads stay.
            assertThat((List<?>) store.read(tables -> tables.feedAfter(SCOPE, 0, 1 << 20)))
                    .isEmpty();
            assertThat((Object) store.read(tables -> tables.batchTo(SCOPE, first.replica(), 1)))
                    .isNotNull();
            for (long seq : new long[] {third.from(), third.from() + 40}) {
                var last = store.read(tables -> tables.batchUpTo(SCOPE, first.replica(), seq));
                assertThat(last).isNotNull();
                if (last != null) assertThat(last.hash()).isEqualTo(third.hash());
            }
        }
    }

    @Test
    void a_refusal_is_found_by_the_documents_it_touched() {
        try (ReplicaStore store = Writing.open(folder, 1)) {
            put(store, "a", "name", Value.of("x"));
            Span span = Span.of(store.seal(SCOPE, NOW).orElseThrow().batch());
            Rejection refusal =
                    new Rejection(SCOPE, span, Rejection.Code.FORBIDDEN, "not yours to write");
            store.write(tables -> {
                Verdict verdict = new Verdict(span.replica(), refusal, Bytes.EMPTY);
                tables.addVerdict(verdict, NOW);
                tables.dropFromOutbox(SCOPE, span);
                return true;
            });
            assertThat(refusals(store)).containsExactly(refusal);
            store.write(tables -> {
                tables.dropVerdict(SCOPE, span);
                return true;
            });
            assertThat(refusals(store)).isEmpty();
        }
    }

    @Test
    void concurrent_writers_share_flushes_and_one_that_throws_is_undone_alone() throws Exception {
        try (ReplicaStore store = Writing.open(folder, 1)) {
            int writers = 8;
            AtomicInteger failed = new AtomicInteger();
            CountDownLatch done = new CountDownLatch(writers);
            for (int w = 0; w < writers; w++) {
                int writer = w;
                Thread.ofVirtual()
                        .start(() -> {
                            for (int i = 0; i < 50; i++) {
                                boolean fails = i % 5 == writer % 5;
                                try {
                                    writeOrFail(store, writer, fails);
                                } catch (UnsupportedOperationException e) {
                                    failed.incrementAndGet();
                                }
                            }
                            done.countDown();
                        });
            }
            done.await();
            assertThat(failed).hasValue(80);
            for (int w = 0; w < writers; w++) {
                assertThat(shown(store, "p" + w).fields()).containsEntry("visits", Value.of(40));
            }
            long max = store.read(t -> t.context(SCOPE, store.key().replica()).max());
            assertThat(max).isEqualTo(40L * writers);
        }
    }

    @Test
    void listeners_hear_in_order_of_what_was_committed_and_of_nothing_else() throws Exception {
        try (ReplicaStore store = Writing.open(folder, 1)) {
            LinkedBlockingQueue<Committed> heard = new LinkedBlockingQueue<>();
            store.listen(heard::add);
            assertThatThrownBy(() -> writeOrFail(store, 9, true))
                    .isInstanceOf(UnsupportedOperationException.class);
            put(store, "a", "name", Value.of("x"));
            Committed first = requireNonNull(heard.poll(10, TimeUnit.SECONDS));
            assertThat(first.documents()).containsExactly(patient("a"));
            assertThat(first.unsealedGrew()).isTrue();
            assertThat(first.feedGrew()).isFalse();
            store.seal(SCOPE, NOW);
            Committed second = requireNonNull(heard.poll(10, TimeUnit.SECONDS));
            assertThat(second.outboxGrew()).isTrue();
            assertThat(second.feed().number()).isEqualTo(1);
        }
    }

    @Test
    void a_slow_listener_costs_writers_nothing_and_misses_no_document() throws Exception {
        try (ReplicaStore store = Writing.open(folder, 1)) {
            CountDownLatch go = new CountDownLatch(1);
            Set<DocumentId> heard = new HashSet<>();
            LinkedBlockingQueue<Integer> sizes = new LinkedBlockingQueue<>();
            store.listen(committed -> {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                heard.addAll(committed.documents());
                sizes.add(heard.size());
            });
            for (int i = 0; i < 100; i++) put(store, "p" + i, "name", Value.of("x"));
            go.countDown();
            int told = 0;
            Integer size;
            do {
                size = sizes.poll(10, TimeUnit.SECONDS);
                told++;
            } while (size != null && size < 100);
            assertThat(size).isEqualTo(100);
            assertThat(told).isLessThan(10);
        }
    }

    @Test
    void a_reader_keeps_its_snapshot_while_others_write() {
        try (ReplicaStore store = Writing.open(folder, 1)) {
            put(store, "a", "visits", Value.of(1));
            List<Value> seen = new ArrayList<>();
            store.read(tables -> {
                Bytes before = tables.document(SCOPE, patient("a")).encoded();
                put(store, "a", "visits", Value.of(2));
                assertThat(tables.document(SCOPE, patient("a")).encoded()).isEqualTo(before);
                return true;
            });
            seen.addAll(shown(store, "a").fields().values());
            assertThat(seen).containsExactly(Value.of(2));
        }
    }

    @Test
    void a_second_opener_is_told_which_folder_is_taken() {
        try (ReplicaStore store = Writing.open(folder, 1)) {
            assertThatThrownBy(() -> Writing.open(folder, 1))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining(folder.toString())
                    .extracting(e -> ((StoreException) e).kind())
                    .isEqualTo(StoreException.Kind.LOCKED);
            put(store, "a", "name", Value.of("x"));
        }
        Writing.open(folder, 1).close();
    }

    @Test
    void a_closed_store_says_so() {
        ReplicaStore store = Writing.open(folder, 1);
        store.close();
        assertThatThrownBy(() -> put(store, "a", "name", Value.of("x")))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> shown(store, "a")).hasMessageContaining("closed");
    }

    private static void writeOrFail(ReplicaStore store, int writer, boolean fails) {
        store.write(tables -> {
            store.author(tables)
                    .write(
                            SCOPE,
                            Map.of(
                                    patient("p" + writer),
                                    List.of(new Change.Increment("visits", 1))),
                            null,
                            NOW);
            if (fails) throw new UnsupportedOperationException("no");
            return true;
        });
    }

    private static Set<DocumentId> raise(ReplicaStore store, Span span, Durability level) {
        return store.write(tables -> tables.raise(SCOPE, span, level));
    }

    private static List<Rejection> refusals(ReplicaStore store) {
        return store.read(tables -> tables.rejections(SCOPE, patient("a")));
    }

    private static Optional<Durability> pending(ReplicaStore store) {
        return store.read(tables -> tables.pending(SCOPE, patient("a")));
    }
}
