package dev.holdfast.region.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Applier;
import dev.holdfast.core.replica.Cursor;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.MemoryStore;
import dev.holdfast.core.sync.Uplink;
import dev.holdfast.region.ListLog;
import dev.holdfast.region.TestAuthor;
import dev.holdfast.region.TestRegion;
import dev.holdfast.region.ingest.DiskFloor;
import dev.holdfast.region.ingest.Ingest;
import dev.holdfast.region.ingest.LogEntry;
import dev.holdfast.region.log.AppendResult;
import dev.holdfast.region.store.Copies;
import dev.holdfast.region.store.MemoryTransactor;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A mirror over tables and a log in memory. */
final class MirrorTest {
    private static final ReplicaId JAKARTA = TestAuthor.key("jakarta").replica();
    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.ofEpochMilli(TestAuthor.NOON));

    @TempDir Path folder;

    private final ListLog log = new ListLog();
    private final MemoryTransactor tables = new MemoryTransactor(MemoryStore.durable());
    private final TestAuthor author = new TestAuthor("mirror", "amina");

    @Test
    void a_page_goes_into_the_log_once_and_its_cursor_is_kept() {
        Mirror mirror = mirror();
        Batch first = author.increment("p1");
        Batch second = author.increment("p1");
        Uplink.Action.Store page = page(first, second);
        assertThat(mirror.store(page)).isEqualTo(new Mirror.Taken.Kept(List.of()));
        assertThat(log.records).hasSize(1);
        assertThat(mirror.state(author.scope, JAKARTA).cursor()).isEqualTo(page.cursor());

        apply(first, second);
        assertThat(mirror.store(page))
                .isEqualTo(new Mirror.Taken.Kept(List.of(Span.of(first), Span.of(second))));
        assertThat(log.records).as("what is here is not put there again").hasSize(1);
    }

    @Test
    void of_a_page_only_what_is_new_goes_into_the_log() {
        Batch first = author.increment("p1");
        Batch second = author.increment("p1");
        apply(first);
        assertThat(mirror().store(page(first, second)))
                .isEqualTo(new Mirror.Taken.Kept(List.of(Span.of(first))));
        assertThat(log.records)
                .singleElement()
                .satisfies(record ->
                        assertThat(LogEntry.decode(Bytes.wrap(record.body())).batches())
                                .containsExactly(second));
    }

    @Test
    void what_the_log_does_not_take_keeps_no_cursor() {
        Mirror mirror = mirror();
        log.answer = new AppendResult.NotStored("FLUSH_DISK_TIMEOUT", Duration.ofSeconds(3));
        assertThat(mirror.store(page(author.increment("p1"))))
                .isEqualTo(new Mirror.Taken.Later(Duration.ofSeconds(3)));
        assertThat(mirror.state(author.scope, JAKARTA).cursor()).isNull();
    }

    @Test
    void another_regions_word_makes_global_what_it_applied_and_nothing_else_does() {
        Mirror mirror = mirror();
        Batch batch = author.increment("p1");
        apply(batch);
        List<Span> spans = List.of(Span.of(batch));
        assertThat(mirror.believe(word(JAKARTA, Durability.REGION, spans))).isEmpty();
        assertThat(mirror.believe(word(TestRegion.KEY.replica(), Durability.APPLIED, spans)))
                .as("its own")
                .isEmpty();
        assertThat(mirror.believe(word(JAKARTA, Durability.APPLIED, spans))).isEqualTo(spans);
    }

    @Test
    void a_scope_that_another_region_has_is_known_though_there_is_nothing_of_it_here() {
        Mirror mirror = mirror();
        mirror.heard("elsewhere", JAKARTA);
        apply(author.increment("p1"));
        mirror.heard(author.scope, JAKARTA);
        assertThat(mirror.scopes()).containsExactly("elsewhere", author.scope);
        assertThat(mirror.state("elsewhere", JAKARTA).cursor())
                .as("contexts are compared where it was not followed yet")
                .isNull();
        assertThat(followed(author.scope)).isNull();
    }

    private @Nullable FeedHead followed(String scope) {
        return tables.<@Nullable FeedHead>read(t -> t.followed(scope, JAKARTA));
    }

    private Mirror mirror() {
        Copies copies = new Copies(2);
        Ingest ingest =
                new Ingest(
                        TestAuthor.grant(TestRegion.KEY, Grant.Role.REGION),
                        Set.of(TestAuthor.AUTHORITY.publicKey()),
                        TestRegion.KEY::sign,
                        log,
                        tables,
                        new DiskFloor(folder, 0, CLOCK),
                        CLOCK,
                        copies,
                        "test");
        return new Mirror(TestRegion.KEY.replica(), ingest, tables, copies);
    }

    private Uplink.Action.Store page(Batch... batches) {
        FeedHead head = FeedHead.START;
        for (Batch batch : batches) head = head.next(batch.hash());
        return new Uplink.Action.Store(
                author.scope,
                new Cursor(JAKARTA, head),
                List.of(batches),
                Map.of(author.id(), Granted.of(author.grant)));
    }

    private void apply(Batch... batches) {
        for (Batch batch : batches) tables.write(t -> new Applier(t).apply(batch));
    }

    private Receipt word(ReplicaId region, Durability level, List<Span> spans) {
        return new Receipt(region, author.scope, level, TestAuthor.NOON, spans);
    }
}
