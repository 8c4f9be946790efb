package dev.holdfast.region.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.sync.Session;
import dev.holdfast.region.TestAuthor;
import dev.holdfast.region.log.LogRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LogEntryTest {
    @Test
    void an_entry_comes_out_of_its_record_as_it_went_in() {
        TestAuthor author = new TestAuthor("entry", "amina");
        Batch batch = author.put("p1", "name", "Ada");
        Session.Action.Keep keep =
                new Session.Action.Keep(
                        3,
                        "entry",
                        List.of(batch),
                        Map.of(author.id(), Granted.of(author.grant)),
                        Map.of(author.id(), 77L));
        LogEntry entry = LogEntry.of(keep, 99).getFirst();
        LogRecord record = entry.record("request-1");
        assertThat(LogEntry.decode(Bytes.copyOf(record.body()))).isEqualTo(entry);
        assertThat(entry.firstSeen()).containsEntry(author.id(), 77L);
        assertThat(record.scope()).isEqualTo("entry");
        assertThat(record.properties())
                .containsEntry(LogEntry.REQUEST, "request-1")
                .containsEntry(
                        LogEntry.TRACE,
                        batch.body().transactions().getFirst().traceId("entry").hex());
    }

    @Test
    void a_large_push_is_cut_between_batches_into_records_that_the_log_takes() {
        List<Batch> batches = new ArrayList<>();
        Map<ReplicaId, Granted> grants = new HashMap<>();
        for (int i = 0; i < 30; i++) {
            TestAuthor author = new TestAuthor("large", "author-" + i);
            grants.put(author.id(), Granted.of(author.grant));
            for (int b = 0; b < 3; b++)
                batches.add(author.put("p" + i, "note", "x".repeat((i + 1) * 17_000 / (b + 1))));
        }
        List<LogEntry> entries =
                LogEntry.of(new Session.Action.Keep(1, "large", batches, grants, Map.of()), 5);
        assertThat(entries).hasSizeGreaterThan(3);
        assertThat(entries.stream().flatMap(entry -> entry.batches().stream()))
                .containsExactlyElementsOf(batches);
        for (LogEntry entry : entries) {
            assertThat(entry.record("r").body()).hasSizeLessThan(LogRecord.BODY_BYTES_MAX);
            assertThat(entry.grants().stream().map(SignedGrant::replica))
                    .containsExactlyInAnyOrderElementsOf(
                            entry.batches().stream().map(Batch::author).distinct().toList());
        }
    }

    @Test
    void what_is_cut_or_changed_anywhere_is_malformed_or_another_entry_and_nothing_worse() {
        TestAuthor author = new TestAuthor("cut", "amina");
        byte[] body = author.record(author.put("p1", "name", "Ada")).body();
        for (int length = 0; length < body.length; length++) {
            Bytes cut = Bytes.copyOf(java.util.Arrays.copyOf(body, length));
            assertThatThrownBy(() -> LogEntry.decode(cut)).isInstanceOf(MalformedException.class);
        }
        Random random = new Random(4);
        for (int i = 0; i < 3_000; i++) {
            byte[] changed = body.clone();
            changed[random.nextInt(body.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                LogEntry.decode(Bytes.wrap(changed));
            } catch (MalformedException expected) {
                assertThat(expected).hasMessageMatching(".+");
            }
        }
    }
}
