package dev.holdfast.region.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.region.RealServices;
import dev.holdfast.region.TestAuthor;
import dev.holdfast.region.TestRegion;
import dev.holdfast.region.database.DatabaseFailure;
import dev.holdfast.region.database.EmbeddedDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RealServices.class)
final class RegionStoreTest {
    @Test
    void a_transaction_that_fails_leaves_nothing(EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            TestAuthor author = new TestAuthor("nothing", "amina");
            Batch batch = author.put("p1", "name", "Ada");
            assertThatThrownBy(() ->
                            region.store.write(tables -> {
                                new dev.holdfast.core.replica.Applier(tables).apply(batch);
                                throw new IllegalStateException("changed my mind");
                            }))
                    .hasMessage("changed my mind");
            for (String table : List.of("batch", "operation", "document", "context"))
                assertThat(region.count(table, "nothing")).as(table).isZero();
        }
    }

    @Test
    void what_two_wrote_for_one_sequence_number_is_refused_by_the_database_itself(
            EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            TestAuthor author = new TestAuthor("late", "amina");
            Batch batch = author.put("p1", "name", "Ada");
            region.step(author.record(batch));
            // A worker whose context is wrong, for whatever reason.
            assertThatThrownBy(() ->
                            region.store.write(tables -> {
                                tables.appendToFeed(
                                        new FeedItem(
                                                tables.lockFeed("late").next(batch.hash()), batch));
                                return true;
                            }))
                    .isInstanceOfSatisfying(
                            StoreException.class,
                            e -> assertThat(e.failure()).isEqualTo(DatabaseFailure.ERROR));
            assertThat(region.ask("SELECT number FROM scope WHERE name = 'late'")).isEqualTo("1");
        }
    }

    @Test
    void what_was_written_under_a_grant_that_allowed_more_goes_out_with_it(
            EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            TestAuthor author = new TestAuthor("granted", "amina");
            Batch batch = author.put("p1", "name", "Ada");
            region.step(author.record(batch));
            SignedGrant less = grant(author, "orders");
            SignedGrant other = grant(author, "letters");
            region.store.write(tables -> {
                tables.addGrant(less);
                return true;
            });
            region.store.write(tables -> {
                tables.prefetch(List.of(), List.of(author.id()));
                tables.addGrant(other);
                return true;
            });
            assertThat(region.store.<@Nullable Granted>read(tables -> tables.granted(author.id())))
                    .isEqualTo(new Granted(List.of(other, less, author.grant)));
            Inspection inspection = new Inspection(region.database, TestAuthor.SCHEMA);
            Context all = region.store.read(tables -> tables.context("granted"));
            assertThat(inspection.batches("granted", all, 1 << 20).grants())
                    .containsExactly(author.grant);
        }
    }

    /** One that counts longer than the author's own, and allows less. */
    private static SignedGrant grant(TestAuthor author, String collection) {
        Grant old = author.grant.grant();
        Grant.Right right = new Grant.Right(Grant.ANY, true, List.of(collection));
        long end = old.notAfterMillis() + 1;
        Grant less =
                new Grant(old.publicKey(), old.subject(), old.role(), List.of(right), 0, end, 0);
        return SignedGrant.of(less, TestAuthor.AUTHORITY.sign(SignedGrant.signedText(less)));
    }

    @Test
    void a_feed_is_read_in_pages_of_bytes_with_one_batch_at_least(EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            TestAuthor author = new TestAuthor("pages", "amina");
            List<Batch> batches = new ArrayList<>();
            for (int i = 0; i < 30; i++)
                batches.add(author.put("p" + i % 3, "note", i + "x".repeat(i * 400)));
            batches.forEach(batch -> region.step(author.record(batch)));
            for (int maxBytes : new int[] {1, 5_000, 40_000, 1 << 20}) {
                List<Batch> read = new ArrayList<>();
                long after = 0;
                while (true) {
                    long from = after;
                    List<FeedItem> page =
                            region.store.read(t -> t.feedAfter("pages", from, maxBytes));
                    if (page.isEmpty()) break;
                    int bytes = page.stream().mapToInt(item -> item.batch().sizeBytes()).sum();
                    assertThat(page.size() == 1 || bytes <= maxBytes).isTrue();
                    for (FeedItem item : page) {
                        read.add(item.batch());
                        after = item.head().number();
                    }
                }
                assertThat(read).isEqualTo(batches);
            }
        }
    }

    @Test
    void a_list_of_documents_goes_by_id_and_leaves_out_the_deleted(EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            TestAuthor author = new TestAuthor("listed", "amina");
            for (String id : List.of("b", "a", "C", "é", "d"))
                region.step(author.record(author.put(id, "name", id)));
            region.step(
                    author.record(
                            author.write(
                                    "patients",
                                    "d",
                                    new dev.holdfast.core.replica.Change.Delete())));
            List<DocumentId> all =
                    region.store.read(t -> t.documents("listed", "patients", "", 10));
            assertThat(all).extracting(DocumentId::id).containsExactly("C", "a", "b", "é");
            List<DocumentId> page =
                    region.store.read(t -> t.documents("listed", "patients", "C", 2));
            assertThat(page).extracting(DocumentId::id).containsExactly("a", "b");
        }
    }

    @Test
    void another_schema_shows_all_documents_anew_and_changes_no_state(EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            TestAuthor one = new TestAuthor("shown", "one");
            TestAuthor two = new TestAuthor("shown", "two");
            two.nowMillis += 1_000;
            region.step(
                    one.record(one.put("p1", "pulse", 90)), two.record(two.put("p1", "pulse", 60)));
            DocumentId id = new DocumentId("patients", "p1");
            String state = region.state("shown", id);
            assertThat(region.patient("shown", "p1")).isEqualTo("{\"pulse\": 60}");
            Schema greatest =
                    Schema.parse("{\"patients\": {\"fields\": {\"pulse\": {\"show\": \"max\"}}}}");
            RegionStore store = new RegionStore(region.database, greatest);
            for (int i = 0; i < 2; i++) store.showBySchema();
            assertThat(region.patient("shown", "p1")).isEqualTo("{\"pulse\": 90}");
            assertThat(region.state("shown", id)).isEqualTo(state);
        }
    }

    @Test
    void a_place_in_another_regions_feed_is_kept_per_scope_and_region(EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            ReplicaId one = TestAuthor.key("one").replica();
            ReplicaId other = TestAuthor.key("other").replica();
            FeedHead first = FeedHead.START.next(Sha256.of(Bytes.EMPTY));
            FeedHead second = first.next(Sha256.of(Bytes.EMPTY));
            assertThat(region.store.<@Nullable FeedHead>read(t -> t.followed("placed", one)))
                    .isNull();
            for (FeedHead place : List.of(first, second))
                put(region, t -> t.putFollowed("placed", one, place));
            put(region, t -> t.putFollowed("placed-too", one, first));
            put(region, t -> t.putFollowed("placed", other, first));
            assertThat(region.store.<@Nullable FeedHead>read(t -> t.followed("placed", one)))
                    .isEqualTo(second);
            assertThat(region.store.<@Nullable FeedHead>read(t -> t.followed("placed", other)))
                    .isEqualTo(first);
        }
    }

    @Test
    void the_newest_word_of_a_region_about_an_author_replaces_what_it_said_before(
            EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            ReplicaId one = TestAuthor.key("one").replica();
            ReplicaId other = TestAuthor.key("other").replica();
            TestAuthor amina = new TestAuthor("said", "amina");
            TestAuthor badru = new TestAuthor("said", "badru");
            Span first = Span.of(amina.increment("p1"));
            Span third = Span.of(amina.increment("p1"));
            Span whole = new Span(amina.id(), 1, 2, third.hash());
            Span his = Span.of(badru.increment("p1"));
            put(region, t -> t.putElsewhere("said", amina.id(), one, List.of(first, third)));
            put(region, t -> t.putElsewhere("said", badru.id(), one, List.of(his)));
            put(region, t -> t.putElsewhere("said", amina.id(), other, List.of(first)));
            assertThat(said(region, amina.id(), badru.id()))
                    .containsOnly(
                            Map.entry(one, List.of(first, third, his)),
                            Map.entry(other, List.of(first)));
            put(region, t -> t.putElsewhere("said", amina.id(), one, List.of(whole)));
            assertThat(said(region, amina.id()))
                    .containsOnly(Map.entry(one, List.of(whole)), Map.entry(other, List.of(first)));
            assertThat(said(region, badru.id())).containsOnly(Map.entry(one, List.of(his)));
            assertThat(said(region, TestAuthor.key("nobody").replica())).isEmpty();
        }
    }

    @Test
    void scopes_are_those_with_a_feed_and_those_followed_elsewhere_by_name(
            EmbeddedDatabase server) {
        try (TestRegion region = new TestRegion(server)) {
            for (String scope : List.of("scopes-b", "scopes-a")) {
                TestAuthor author = new TestAuthor(scope, "amina");
                region.step(author.record(author.increment("p1")));
            }
            ReplicaId one = TestAuthor.key("one").replica();
            put(region, t -> t.putFollowed("scopes-c", one, FeedHead.START));
            put(region, t -> t.putFollowed("scopes-a", one, FeedHead.START));
            // Others have theirs in the same database.
            assertThat(region.store.<List<String>>read(t -> t.scopes("scopes", 1_000)))
                    .filteredOn(scope -> scope.startsWith("scopes-"))
                    .containsExactly("scopes-a", "scopes-b", "scopes-c");
            assertThat(region.store.<List<String>>read(t -> t.scopes("scopes-a", 1)))
                    .containsExactly("scopes-b");
        }
    }

    private static Map<ReplicaId, List<Span>> said(TestRegion region, ReplicaId... authors) {
        return region.store.read(t -> t.elsewhere("said", List.of(authors)));
    }

    private static void put(TestRegion region, Consumer<RegionTables> work) {
        region.store.write(t -> {
            work.accept(t);
            return true;
        });
    }
}
