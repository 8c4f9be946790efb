package dev.holdfast.region.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Admission;
import dev.holdfast.core.replica.Cursor;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.Session;
import dev.holdfast.region.ListLog;
import dev.holdfast.region.RealServices;
import dev.holdfast.region.TestAuthor;
import dev.holdfast.region.TestRegion;
import dev.holdfast.region.database.DatabaseFailure;
import dev.holdfast.region.database.EmbeddedDatabase;
import dev.holdfast.region.log.AppendResult;
import dev.holdfast.region.store.Copies;
import dev.holdfast.region.store.RegionTables;
import dev.holdfast.region.store.StoreException;
import dev.holdfast.region.store.Transactor;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Ingest on real PostgreSQL, with a log in memory that can fail. */
@ExtendWith(RealServices.class)
final class IngestTest {
    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.ofEpochMilli(TestAuthor.NOON));

    @TempDir Path folder;

    private final ListLog log = new ListLog();

    @Test
    void a_push_is_kept_once_the_log_has_it_and_applied_later(EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            Ingest ingest = ingest(region.store, 0);
            TestAuthor author = new TestAuthor("kept", "amina");
            Batch batch = author.put("p1", "name", "Ada");
            Session.Event.Kept kept = ingest.keep(author.keep(batch));
            assertThat(kept.flushed()).containsExactly(batch);

            Session.Event.Looked before = ingest.looked(ask(author));
            assertThat(before.reached())
                    .singleElement()
                    .extracting(receipt -> receipt.level(), receipt -> receipt.spans())
                    .containsExactly(Durability.REGION, List.of(Span.of(batch)));

            region.step(log.records)
                    .news()
                    .forEach(news -> ingest.applied(news.scope(), news.applied()));
            assertThat(ingest.looked(ask(author)).reached())
                    .singleElement()
                    .extracting(receipt -> receipt.level())
                    .isEqualTo(Durability.APPLIED);
            Session.Event.FeedRead page =
                    ingest.read(new Session.Action.ReadFeed("kept", null, 0, 1 << 20));
            assertThat(page.items()).singleElement().extracting(i -> i.batch()).isEqualTo(batch);
            assertThat(page.grants()).containsEntry(author.id(), Granted.of(author.grant));
            assertThat(page.applied()).containsExactly(Span.of(batch));
        }
    }

    @Test
    void what_the_log_does_not_take_is_not_acknowledged(EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            Ingest ingest = ingest(region.store, 0);
            TestAuthor author = new TestAuthor("not-stored", "amina");
            log.answer = new AppendResult.NotStored("FLUSH_DISK_TIMEOUT", Duration.ofSeconds(3));
            Session.Event.Kept kept = ingest.keep(author.keep(author.put("p1", "name", "Ada")));
            assertThat(kept.flushed()).isEmpty();
            assertThat(kept.refused()).isEmpty();
            assertThat(kept.pauseMillis()).isEqualTo(3_000);
            assertThat(ingest.looked(ask(author)).reached()).isEmpty();
        }
    }

    @Test
    void a_push_is_refused_before_the_disk_endangers_the_log(EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            Ingest ingest = ingest(region.store, Long.MAX_VALUE);
            TestAuthor author = new TestAuthor("full", "amina");
            Session.Event.Kept kept = ingest.keep(author.keep(author.put("p1", "name", "Ada")));
            assertThat(kept.flushed()).isEmpty();
            assertThat(kept.pauseMillis()).isPositive();
            assertThat(log.records).isEmpty();
        }
    }

    @Test
    void without_the_database_pushes_are_taken_and_a_client_goes_on_where_it_was() {
        Ingest ingest = ingest(new Away(), 0);
        TestAuthor author = new TestAuthor("no-database", "amina");
        Batch batch = author.put("p1", "name", "Ada");
        assertThat(ingest.keep(author.keep(batch)).flushed()).containsExactly(batch);

        FeedHead place = new FeedHead(7, batch.hash());
        Session.Event.Looked known =
                ingest.looked(ask(author, new Cursor(TestRegion.KEY.replica(), place)));
        assertThat(known.opening().start()).isEqualTo(place);
        assertThat(known.reached())
                .singleElement()
                .extracting(receipt -> receipt.level())
                .isEqualTo(Durability.REGION);
        Session.Event.Looked strange = ingest.looked(ask(author, new Cursor(author.id(), place)));
        assertThat(strange.opening().start()).isEqualTo(FeedHead.START);
    }

    /** It must push that again, and hears of it then. */
    @Test
    void what_was_refused_is_not_said_to_be_here_while_the_database_is_away() {
        Ingest ingest = ingest(new Away(), 0);
        TestAuthor author = new TestAuthor("refused-before", "amina");
        Batch batch = author.put("p1", "name", "Ada");
        ingest.keep(author.keep(batch));
        ingest.refused(Admission.refuse(batch, Rejection.Code.FORK, "two of them"));
        assertThat(ingest.looked(ask(author)).reached()).isEmpty();
    }

    @Test
    void a_client_that_comes_again_hears_of_its_fork(EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            Ingest ingest = ingest(region.store, 0);
            TestAuthor author = new TestAuthor("told-fork", "amina");
            TestAuthor clone = author.cloned();
            region.step(author.record(author.put("p1", "name", "Ada")));
            Batch other = clone.put("p1", "name", "Linus");
            region.step(clone.record(other));
            assertThat(ingest.looked(ask(clone)).refused())
                    .singleElement()
                    .extracting(rejection -> rejection.span())
                    .isEqualTo(Span.of(other));
        }
    }

    @Test
    void what_is_remembered_of_appends_is_bounded_and_forgotten_when_applied() {
        RecentAppends recent = new RecentAppends(10);
        List<TestAuthor> authors = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            TestAuthor author = new TestAuthor("recent", "author-" + i);
            authors.add(author);
            Batch first = author.put("p", "name", "a");
            Batch second = author.put("p", "name", "b");
            recent.appended(List.of(first, second));
            recent.appended(List.of(first));
            recent.applied("recent", i == 5 ? List.of(Span.of(first)) : List.of());
        }
        assertThat(recent.of("recent", pending(authors.get(0)))).isEmpty();
        assertThat(recent.of("recent", pending(authors.get(4)))).hasSize(2);
        assertThat(recent.of("recent", pending(authors.get(5)))).hasSize(1);
        assertThat(recent.of("other", pending(authors.get(5)))).isEmpty();
    }

    private Ingest ingest(Transactor store, long floorBytes) {
        return new Ingest(
                TestAuthor.grant(TestRegion.KEY, Grant.Role.REGION),
                Set.of(TestAuthor.AUTHORITY.publicKey()),
                TestRegion.KEY::sign,
                log,
                store,
                new DiskFloor(folder, floorBytes, CLOCK),
                CLOCK,
                Copies.NONE,
                "test");
    }

    private static Message.Subscribe ask(TestAuthor author) {
        return ask(author, null);
    }

    private static Message.Subscribe ask(TestAuthor author, @Nullable Cursor cursor) {
        return new Message.Subscribe(
                author.scope, cursor, Bytes.EMPTY, pending(author), Intervals.of(1, 9));
    }

    private static Context pending(TestAuthor author) {
        Context pending = new Context();
        pending.add(author.id(), 1, 9);
        return pending;
    }

    private static final class Away implements Transactor {
        @Override
        public <T extends @Nullable Object> T write(Function<? super RegionTables, T> work) {
            throw away();
        }

        @Override
        public <T extends @Nullable Object> T read(Function<? super RegionTables, T> work) {
            throw away();
        }

        private static StoreException away() {
            return new StoreException(
                    DatabaseFailure.AWAY, "reading", new SQLException("gone", "08006"));
        }
    }
}
