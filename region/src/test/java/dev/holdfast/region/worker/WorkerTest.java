package dev.holdfast.region.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.replica.MemoryStore;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.region.RealServices;
import dev.holdfast.region.TestAuthor;
import dev.holdfast.region.TestRegion;
import dev.holdfast.region.database.DatabaseFailure;
import dev.holdfast.region.database.EmbeddedDatabase;
import dev.holdfast.region.log.LogRecord;
import dev.holdfast.region.store.MemoryTransactor;
import dev.holdfast.region.store.RegionTables;
import dev.holdfast.region.store.StoreException;
import dev.holdfast.region.store.Transactor;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The worker on real PostgreSQL. */
@ExtendWith(RealServices.class)
final class WorkerTest {
    private static final int NEVER = -1;

    @Test
    void a_batch_that_comes_once_twice_or_fifty_times_counts_once(EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            for (int times : new int[] {1, 2, 50}) {
                TestAuthor author = new TestAuthor("times-" + times, "amina");
                Batch batch = author.increment("p1");
                List<LogRecord> records = new ArrayList<>();
                for (int i = 0; i < times; i++) records.add(author.record(batch));
                // In one transaction, and in several.
                assertThat(region.step(records).operations()).isEqualTo(1);
                for (LogRecord record : records)
                    assertThat(region.step(record).operations()).isZero();
                assertThat(region.patient(author.scope, "p1")).isEqualTo("{\"visits\": 1}");
                assertThat(region.count("operation", author.scope)).isEqualTo(1);
                assertThat(region.count("batch", author.scope)).isEqualTo(1);
            }
        }
    }

    /** Its author would have let go of bytes that nobody has. */
    @Test
    void a_batch_that_lies_within_another_is_not_taken_for_it(EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            TestAuthor author = new TestAuthor("within", "amina");
            Map<DocumentId, List<Change>> three = new TreeMap<>();
            for (String id : List.of("p1", "p2", "p3"))
                three.put(
                        new DocumentId("patients", id), List.of(new Change.Increment("visits", 1)));
            Batch whole = author.write(three);
            Batch within = author.alone(whole, 1);
            // Known from before, and known from the same transaction only.
            region.step(author.record(whole), author.record(within));
            region.step(author.record(within));
            assertThat(region.count("batch", author.scope)).isEqualTo(1);
            assertThat(region.count("quarantine", author.scope)).isEqualTo(1);
        }
    }

    @Test
    void who_sends_again_hears_again_how_far_it_is_applied(EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            TestAuthor author = new TestAuthor("hears", "amina");
            Batch first = author.put("p1", "name", "Ada");
            Batch second = author.put("p1", "name", "Ada L.");
            region.step(author.record(first, second));
            News news = region.step(author.record(first)).news().getFirst();
            assertThat(news.head()).isNull();
            assertThat(news.applied()).containsExactly(new Span(author.id(), 1, 2, second.hash()));
        }
    }

    @Test
    void a_fork_is_quarantined_and_told_and_the_branch_that_came_first_stands(
            EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            TestAuthor author = new TestAuthor("fork", "amina");
            region.step(author.record(author.put("p1", "name", "Ada")));
            TestAuthor clone = author.cloned();
            Batch kept = author.put("p1", "name", "Grace");
            Batch other = clone.put("p1", "name", "Linus");
            region.step(author.record(kept));
            for (int i = 0; i < 2; i++) {
                Worker.Step.Done done = region.step(clone.record(other));
                Rejection rejection = done.news().getFirst().refused().getFirst();
                assertThat(rejection.code()).isEqualTo(Rejection.Code.FORK);
                assertThat(rejection.span().hash()).isEqualTo(other.hash());
            }
            assertThat(region.patient("fork", "p1")).isEqualTo("{\"name\": \"Grace\"}");
            assertThat(region.count("quarantine", "fork")).isEqualTo(1);
            assertThat(region.store.<List<Rejection>>read(t -> t.quarantined("fork", author.id())))
                    .singleElement()
                    .extracting(Rejection::code)
                    .isEqualTo(Rejection.Code.FORK);
        }
    }

    @Test
    void a_message_that_is_none_goes_to_quarantine_and_holds_up_nobody(EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            TestAuthor author = new TestAuthor("poison", "amina");
            LogRecord good = author.record(author.put("p1", "name", "Ada"));
            byte[] cut = java.util.Arrays.copyOf(good.body(), good.body().length - 3);
            LogRecord poison = new LogRecord("poison", cut, Map.of());
            LogRecord next = author.record(author.put("p1", "age", 36));
            Worker.Step.Done done = region.step(poison, good, poison, next);
            assertThat(done.operations()).isEqualTo(2);
            assertThat(region.patient("poison", "p1"))
                    .isEqualTo("{\"age\": 36, \"name\": \"Ada\"}");
            assertThat(region.ask("SELECT reason FROM quarantine WHERE scope = ?", "poison"))
                    .contains("not a message of this log");
            assertThat(region.count("quarantine", "poison")).isEqualTo(1);
        }
    }

    @Test
    void of_a_group_that_fails_only_the_batch_at_fault_is_quarantined(EmbeddedDatabase server)
            throws SQLException {
        try (TestRegion region = new TestRegion(server)) {
            // A trigger stands for whatever a database may refuse.
            region.database.transaction(connection -> {
                connection
                        .createStatement()
                        .execute(
                                """
                                CREATE OR REPLACE FUNCTION refuse() RETURNS trigger AS $$
                                BEGIN RAISE EXCEPTION 'no such patient'; END $$ LANGUAGE plpgsql;
                                CREATE OR REPLACE TRIGGER refuse BEFORE INSERT ON operation
                                FOR EACH ROW WHEN (NEW.scope = 'bisect' AND NEW.id = 'p7')
                                EXECUTE FUNCTION refuse()\
                                """);
                return true;
            });
            List<LogRecord> records = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                TestAuthor author = new TestAuthor("bisect", "author-" + i);
                records.add(author.record(author.put("p" + i, "name", "Ada")));
            }
            Worker.Step.Done done = region.step(records);
            assertThat(done.operations()).isEqualTo(19);
            assertThat(done.quarantined()).isEqualTo(1);
            assertThat(done.news().stream().flatMap(news -> news.refused().stream()))
                    .singleElement()
                    .extracting(Rejection::code)
                    .isEqualTo(Rejection.Code.MALFORMED);
            assertThat(region.count("document", "bisect")).isEqualTo(19);
            assertThat(region.ask("SELECT reason FROM quarantine WHERE scope = ?", "bisect"))
                    .contains("no such patient");
        }
    }

    @Test
    void a_clock_that_is_a_day_ahead_is_corrected_in_the_same_transaction(EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            TestAuthor ahead = new TestAuthor("clock", "ahead");
            ahead.nowMillis = TestAuthor.NOON + 86_400_000;
            TestAuthor other = new TestAuthor("clock", "other");
            other.nowMillis = TestAuthor.NOON + 60_000;
            region.step(ahead.record(TestAuthor.NOON, ahead.put("p1", "name", "early")));
            // Authored by the region, in the feed as any batch, so that every node learns of it.
            assertThat(region.count("batch", "clock")).isEqualTo(2);
            region.step(other.record(other.put("p1", "name", "late")));
            assertThat(region.patient("clock", "p1")).isEqualTo("{\"name\": \"late\"}");
            assertThat(
                            region.ask(
                                    "SELECT conflicts->'name'->0->>'value' FROM document"
                                            + " WHERE scope = 'clock'"))
                    .isEqualTo("early");
            // Repeated, nothing is corrected again.
            region.step(ahead.record(TestAuthor.NOON, ahead.put("p2", "name", "x")));
            long batches = region.count("batch", "clock");
            region.step(
                    region.store.read(t -> t.feedAfter("clock", 0, 1 << 20)).stream()
                            .map(item -> ahead.record(item.batch()))
                            .toList());
            assertThat(region.count("batch", "clock")).isEqualTo(batches);
            assertThat(region.store.<@Nullable Object>read(t -> t.grant(TestRegion.KEY.replica())))
                    .isEqualTo(region.author.grant());
        }
    }

    @Test
    void more_clocks_ahead_than_one_batch_may_name_are_corrected_all(EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            TestAuthor ahead = new TestAuthor("clocks", "ahead");
            ahead.nowMillis = TestAuthor.NOON + 2 * Limits.DRIFT_MILLIS;
            Map<DocumentId, List<Change>> many = new java.util.TreeMap<>();
            for (int i = 0; i < 1_200; i++)
                many.put(
                        new DocumentId("patients", "p" + i),
                        List.of(new Change.Put("name", Value.of("x"))));
            region.step(ahead.record(TestAuthor.NOON, ahead.write(many)));
            assertThat(region.count("batch", "clocks")).isEqualTo(1 + 2);
            assertThat(region.count("operation", "clocks")).isEqualTo(2_400);
        }
    }

    @Test
    void a_crash_between_the_databases_commit_and_the_logs_changes_nothing(
            EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            TestAuthor author = new TestAuthor("crash", "amina");
            List<LogRecord> records = new ArrayList<>();
            for (int i = 0; i < 30; i++) records.add(author.record(author.increment("p1")));
            region.step(records.subList(0, 20));
            // Another worker takes over from where the log was committed last.
            Worker next = region.worker();
            assertThat(next.step(records.subList(7, 30), TestAuthor.NOON))
                    .isInstanceOfSatisfying(
                            Worker.Step.Done.class,
                            done -> assertThat(done.operations()).isEqualTo(10));
            assertThat(region.patient("crash", "p1")).isEqualTo("{\"visits\": 30}");
        }
    }

    @Test
    void a_database_that_is_away_is_waited_for_and_counts_against_no_message(
            EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            TestAuthor author = new TestAuthor("away", "amina");
            List<LogRecord> records = new ArrayList<>();
            for (int i = 0; i < 10; i++) records.add(author.record(author.increment("p1")));
            Failing failing = new Failing(region.store);
            Worker worker = new Worker(failing, region.author, new Worker.Settings(3, true));
            // Away before, in the middle, and after a commit whose answer was lost.
            for (int attempt = 0; attempt < 12; attempt++) {
                failing.failAt = attempt;
                failing.afterCommit = attempt % 2 == 1;
                worker.step(records, TestAuthor.NOON);
            }
            failing.failAt = NEVER;
            assertThat(worker.step(records, TestAuthor.NOON)).isInstanceOf(Worker.Step.Done.class);
            assertThat(region.patient("away", "p1")).isEqualTo("{\"visits\": 10}");
            assertThat(region.count("quarantine", "away")).isZero();
        }
    }

    @Test
    void two_scopes_are_applied_side_by_side_and_each_in_its_order(EmbeddedDatabase server)
            throws Exception {
        try (TestRegion region = new TestRegion(server)) {
            List<Thread> threads = new ArrayList<>();
            List<Throwable> faults = Collections.synchronizedList(new ArrayList<>());
            for (String scope : List.of("side-a", "side-b")) {
                TestAuthor author = new TestAuthor(scope, "amina");
                List<LogRecord> records = new ArrayList<>();
                for (int i = 0; i < 60; i++) records.add(author.record(author.increment("p1")));
                // Two workers at one scope: a shard that moved while its old reader still works.
                for (int twice = 0; twice < 2; twice++) {
                    Worker worker = region.worker();
                    threads.add(
                            Thread.ofVirtual()
                                    .uncaughtExceptionHandler((t, e) -> faults.add(e))
                                    .start(() -> {
                                        for (LogRecord record : records) {
                                            Worker.Step step =
                                                    worker.step(List.of(record), TestAuthor.NOON);
                                            assertThat(step).isInstanceOf(Worker.Step.Done.class);
                                        }
                                    }));
                }
            }
            for (Thread thread : threads) thread.join();
            assertThat(faults).isEmpty();
            for (String scope : List.of("side-a", "side-b")) {
                assertThat(region.patient(scope, "p1")).isEqualTo("{\"visits\": 60}");
                assertThat(region.count("batch", scope)).isEqualTo(60);
                assertThat(region.ask("SELECT number FROM scope WHERE name = ?", scope))
                        .isEqualTo("60");
            }
        }
    }

    @Test
    void a_text_that_postgresql_cannot_hold_is_kept_in_the_state_and_readable(
            EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            TestAuthor author = new TestAuthor("nul", "amina");
            region.step(
                    author.record(author.put("p1", "name", "a\0b")),
                    author.record(author.put("p1", "path", "c:\\u0000")));
            assertThat(region.ask("SELECT fields->>'name' FROM document WHERE scope = 'nul'"))
                    .isEqualTo("a\uFFFDb");
            assertThat(region.ask("SELECT fields->>'path' FROM document WHERE scope = 'nul'"))
                    .isEqualTo("c:\\u0000");
            DocumentId id = new DocumentId("patients", "p1");
            assertThat(region.state("nul", id))
                    .isEqualTo(author.store.read(t -> t.document("nul", id).encoded()).hex());
        }
    }

    @Test
    void random_histories_end_in_the_same_bytes_as_in_memory(EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            for (int seed = 0; seed < 12; seed++) history(region, seed);
        }
    }

    private static void history(TestRegion region, int seed) {
        Random random = new Random(seed);
        String scope = "history-" + seed;
        List<TestAuthor> authors = new ArrayList<>();
        for (int i = 0; i < 2 + random.nextInt(3); i++) {
            TestAuthor author = new TestAuthor(scope, "author-" + i);
            if (random.nextInt(3) == 0) author.nowMillis += 86_400_000;
            authors.add(author);
        }
        List<Batch> all = new ArrayList<>();
        for (int step = 0; step < 60; step++) {
            TestAuthor author = authors.get(random.nextInt(authors.size()));
            author.nowMillis += random.nextInt(1_000);
            if (random.nextBoolean() && !all.isEmpty()) {
                author.receive(all.get(random.nextInt(all.size())));
            } else {
                Batch batch = randomWrite(author, random);
                if (batch != null) all.add(batch);
            }
        }
        List<Batch> sent = new ArrayList<>(all);
        for (int i = 0; i < 20; i++) sent.add(all.get(random.nextInt(all.size())));
        Collections.shuffle(sent, random);

        MemoryTransactor memory = new MemoryTransactor(MemoryStore.durable());
        // Groups of one size: when a clock is corrected depends on it, though not to what.
        Worker.Settings settings = new Worker.Settings(1 + random.nextInt(30), true);
        Worker onDisk = new Worker(region.store, region.author, settings);
        Worker inMemory = new Worker(memory, region.author, settings);
        TestAuthor any = authors.getFirst();
        for (int from = 0; from < sent.size(); ) {
            int to = Math.min(sent.size(), from + 1 + random.nextInt(25));
            List<LogRecord> records =
                    sent.subList(from, to).stream()
                            .map(batch -> any.record(TestAuthor.NOON, batch))
                            .toList();
            Worker.Step step = onDisk.step(records, TestAuthor.NOON);
            assertThat(inMemory.step(records, TestAuthor.NOON)).isEqualTo(step);
            from = to;
        }
        for (String collection : List.of("patients", "notes")) {
            for (int i = 0; i < 4; i++) {
                DocumentId id = new DocumentId(collection, "d" + i);
                assertThat(region.state(scope, id))
                        .as("seed %d, %s", seed, id)
                        .isEqualTo(memory.read(t -> t.document(scope, id).encoded()).hex());
            }
        }
        assertThat(region.store.<Bytes>read(t -> t.context(scope).digest()))
                .isEqualTo(memory.<Bytes>read(t -> t.context(scope).digest()));
        assertThat(region.store.<Object>read(t -> t.feedHead(scope)))
                .isEqualTo(memory.<Object>read(t -> t.feedHead(scope)));
    }

    private static @Nullable Batch randomWrite(TestAuthor author, Random random) {
        String collection = random.nextInt(3) == 0 ? "notes" : "patients";
        String id = "d" + random.nextInt(4);
        Change change =
                switch (random.nextInt(6)) {
                    case 0 -> new Change.Increment("visits", 1 + random.nextInt(5));
                    case 1 -> new Change.Add("tags", Value.of("tag-" + random.nextInt(3)));
                    case 2 -> new Change.Remove("tags", Value.of("tag-" + random.nextInt(3)));
                    case 3 -> new Change.Delete();
                    default ->
                            new Change.Put(
                                    random.nextBoolean() ? "name" : "address.city",
                                    Value.of("value " + random.nextInt(100)));
                };
        // What changes nothing makes no batch.
        boolean nothing =
                author.store.read(t -> {
                    var document = t.document(author.scope, new DocumentId(collection, id));
                    return document.isEmpty()
                            && (change instanceof Change.Delete || change instanceof Change.Remove);
                });
        if (nothing) return null;
        try {
            return author.write(collection, id, change);
        } catch (NullPointerException nothingToSeal) {
            return null;
        }
    }

    /** The database's connection breaks at one transaction. */
    private static final class Failing implements Transactor {
        private final Transactor inner;
        private int transactions;
        int failAt;
        boolean afterCommit;

        Failing(Transactor inner) {
            this.inner = inner;
        }

        @Override
        public <T extends @Nullable Object> T write(Function<? super RegionTables, T> work) {
            boolean fails = failAt != NEVER && transactions++ % 4 == failAt % 4;
            if (fails && !afterCommit) throw away();
            T answer = inner.write(work);
            if (fails) throw away();
            return answer;
        }

        @Override
        public <T extends @Nullable Object> T read(Function<? super RegionTables, T> work) {
            return inner.read(work);
        }

        private static StoreException away() {
            return new StoreException(
                    DatabaseFailure.AWAY, "writing", new SQLException("gone", "08006"));
        }
    }
}
