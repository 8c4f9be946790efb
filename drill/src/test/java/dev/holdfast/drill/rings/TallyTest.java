package dev.holdfast.drill.rings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.ReplicaId;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TallyTest {
    private static final DocumentId ID = Tally.document("x");

    @Test
    void reads_entries_and_count_from_a_documents_bytes() {
        Tally tally = Tally.of(store(2, "a", "b"), ID);
        assertThat(tally).isEqualTo(new Tally(Set.of("a", "b"), 2));
        assertThat(tally.missing(Set.of("a", "b"))).isZero();
        assertThat(tally.excess()).isZero();
    }

    @Test
    void tells_what_was_lost_and_what_counted_twice() {
        Tally tally = Tally.of(store(3, "a", "b"), ID);
        assertThat(tally.missing(Set.of("a", "b", "c"))).isEqualTo(1);
        assertThat(tally.excess()).isEqualTo(1);
    }

    @Test
    void of_a_document_that_is_not_there_everything_is_missing() {
        Tally tally = Tally.of(store(1, "a"), Tally.document("y"));
        assertThat(tally.missing(Set.of("a"))).isEqualTo(1);
    }

    private static StoreImage store(long count, String... entries) {
        CborWriter out = new CborWriter(64).array(1 + entries.length);
        entry(out, Key.counter(Tally.COUNT), Value.of(count));
        for (String each : entries) entry(out, Key.set(Tally.ENTRIES, Value.of(each)), Value.TRUE);
        Map<DocumentId, Bytes> documents = Map.of(ID, out.toBytes());
        return new StoreImage(new Context(), documents, Set.of(), 0);
    }

    private static void entry(CborWriter out, Key key, Value payload) {
        out.array(4).text(key.path()).integer(key.kind()).bytes(key.element());
        out.array(1).array(5).bytes(new ReplicaId(1, 1).bytes()).integer(1);
        out.integer(1).integer(0).value(payload);
    }
}
