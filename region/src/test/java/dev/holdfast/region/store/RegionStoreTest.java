package dev.holdfast.region.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.region.RealServices;
import dev.holdfast.region.TestAuthor;
import dev.holdfast.region.TestRegion;
import dev.holdfast.region.database.DatabaseFailure;
import dev.holdfast.region.database.EmbeddedDatabase;
import java.util.ArrayList;
import java.util.List;
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
}
