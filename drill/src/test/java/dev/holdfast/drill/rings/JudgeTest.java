package dev.holdfast.drill.rings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.drill.clinic.ClinicData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The judge is shown a sound clinic, then one fault at a time; a judge that finds nothing is none.
 */
class JudgeTest {
    private static final ReplicaId AMINA = new ReplicaId(1, 1);
    private static final ReplicaId CHIDI = new ReplicaId(2, 2);
    private static final DocumentId PATIENT = ClinicData.patient(1);
    private static final DocumentId CONTESTED = ClinicData.patient(DeviceMain.CONTESTED_FROM + 1);

    private static final String KILLED_EDGE =
            "a write safe at the edge outlives kill -9 of the edge";
    private static final String CONTEST = "of two concurrent values both stay readable";
    private static final String REFUSAL = "what is refused is told to its author, and is nowhere";

    private final Ledger ledger = new Ledger();
    private final Evidence evidence = new Evidence();
    private final Context context = new Context();
    private final Map<DocumentId, Bytes> documents = new TreeMap<>();
    private final List<RegionImage.Row> rows = new ArrayList<>();
    private final Map<DocumentId, String> shown = new HashMap<>();
    private final Set<Span> batches = new HashSet<>();
    private long inBatches = 5;

    @BeforeEach
    void a_sound_clinic() {
        for (String line :
                new String[] {
                    "replica " + AMINA,
                    "begin patients p00001 2",
                    "saved " + AMINA + " 1 patients p00001 2 -",
                    "begin patients p00001 3",
                    "saved " + AMINA + " 2 patients p00001 3 -",
                    "begin patients " + CONTESTED.id() + " 0",
                    "saved " + AMINA + " 3 patients " + CONTESTED.id() + " 0 one",
                    "begin pharmacy morphine-1 0",
                    "saved " + AMINA + " 4 pharmacy morphine-1 0 -",
                    "refused " + AMINA + " 4 4 forbidden",
                    "reached APPLIED " + AMINA + " 1 3",
                    // Killed before it could say "saved"; it was.
                    "begin patients p00001 1"
                }) ledger.heard("amina", line);
        for (String line :
                new String[] {
                    "replica " + CHIDI,
                    "begin patients " + CONTESTED.id() + " 0",
                    "saved " + CHIDI + " 1 patients " + CONTESTED.id() + " 0 two"
                }) ledger.heard("chidi", line);
        context.add(AMINA, 1, 3);
        context.add(AMINA, 5, 5);
        context.add(CHIDI, 1, 1);
        row(AMINA, 1, PATIENT);
        row(AMINA, 2, PATIENT);
        row(AMINA, 3, CONTESTED);
        row(AMINA, 5, PATIENT);
        row(CHIDI, 1, CONTESTED);
        documents.put(PATIENT, counter(6));
        documents.put(CONTESTED, Bytes.fromHex("80"));
        for (RegionImage.Row row : rows) batches.add(batch(row.dot(), row.dot().seq(), 0));
        shown.put(CONTESTED, "{\"phone\":\"two\"}{\"phone\":[{\"value\": \"one\"}]}");
        evidence.cut();
        for (Durability level : Durability.values()) evidence.killed(level, context, context);
        evidence.watermark(ledger.at(Durability.APPLIED), context);
        assertThat(broken(documents)).isEmpty();
    }

    @Test
    void finds_a_write_that_is_lost() {
        rows.remove(2);
        inBatches--;
        assertThat(broken(documents)).containsExactly("every acknowledged write is in PostgreSQL");
    }

    @Test
    void finds_a_counter_that_counted_twice() {
        documents.put(PATIENT, counter(8));
        assertThat(broken(documents))
                .containsExactly("a write has one effect, however often it was sent");
    }

    @Test
    void finds_a_row_that_is_there_twice_and_a_batch_that_overlaps() {
        row(AMINA, 2, PATIENT);
        assertThat(broken(documents))
                .containsExactly("a write has one effect, however often it was sent");
        rows.removeLast();
        inBatches++;
        assertThat(broken(documents))
                .containsExactly("a write has one effect, however often it was sent");
    }

    @Test
    void finds_a_dot_with_two_contents() {
        batches.add(batch(new Dot(AMINA, 1), 1, 1));
        assertThat(broken(documents)).containsExactly("no dot has two contents");
    }

    @Test
    void finds_numbers_that_two_batches_share() {
        batches.add(batch(new Dot(AMINA, 2), 3, 1));
        assertThat(broken(documents)).containsExactly("no dot has two contents");
    }

    @Test
    void finds_a_number_that_was_given_out_twice() {
        ledger.heard("chidi", "begin patients " + CONTESTED.id() + " 0");
        ledger.heard("chidi", "saved " + CHIDI + " 1 patients " + CONTESTED.id() + " 0 two");
        assertThat(broken(documents)).containsExactly("no dot has two contents");
    }

    @Test
    void finds_a_conflict_that_was_dropped() {
        shown.put(CONTESTED, "{\"phone\":\"two\"}");
        assertThat(broken(documents))
                .containsExactly("of two concurrent values both stay readable");
    }

    @Test
    void finds_a_store_whose_bytes_differ() {
        Map<DocumentId, Bytes> other = new TreeMap<>(documents);
        other.put(CONTESTED, Bytes.fromHex("81"));
        assertThat(broken(other)).containsExactly("equal contexts, equal documents, byte for byte");
    }

    @Test
    void finds_an_acknowledgement_that_a_kill_took_back() {
        Context less = new Context(context);
        less.put(CHIDI, Intervals.NONE);
        assertThat(evidence.killed(Durability.EDGE, context, less)).isEqualTo(1);
        assertThat(broken(documents))
                .containsExactly("a write safe at the edge outlives kill -9 of the edge");
    }

    @Test
    void finds_a_watermark_that_ran_ahead() {
        evidence.watermark(context, ledger.at(Durability.APPLIED));
        assertThat(broken(documents))
                .containsExactly("a watermark never runs ahead of the database");
    }

    @Test
    void finds_a_refused_write_that_was_applied() {
        row(AMINA, 4, new DocumentId("pharmacy", "morphine-1"));
        inBatches++;
        assertThat(broken(documents))
                .containsExactly("what is refused is told to its author, and is nowhere");
    }

    @Test
    void what_a_drill_does_not_demand_is_not_judged() {
        assertThat(names(Demands.ALL)).contains(KILLED_EDGE, CONTEST, REFUSAL);
        assertThat(names(Demands.CUTS))
                .contains("links were really cut", "every acknowledged write is in PostgreSQL")
                .doesNotContain(KILLED_EDGE, CONTEST, REFUSAL);
    }

    private List<String> names(Demands demands) {
        return judge(demands, documents).guarantees().stream().map(Guarantee::name).toList();
    }

    private Judge judge(Demands demands, Map<DocumentId, Bytes> onDevice) {
        RegionImage region =
                new RegionImage(
                        new StoreImage(context, documents, batches, 0), rows, inBatches, shown);
        return new Judge(
                demands,
                ledger,
                evidence,
                Map.of("amina", new StoreImage(context, onDevice, Set.of(), 0)),
                region);
    }

    private List<String> broken(Map<DocumentId, Bytes> onDevice) {
        return judge(Demands.ALL, onDevice).guarantees().stream()
                .filter(each -> !each.held())
                .map(Guarantee::name)
                .toList();
    }

    /** A patient's state with so many visits counted. */
    private static Bytes counter(long visits) {
        return new CborWriter(64)
                .array(1)
                .array(4)
                .text(ClinicData.VISITS)
                .integer(Key.COUNTER)
                .bytes(Bytes.EMPTY)
                .array(1)
                .array(5)
                .bytes(AMINA.bytes())
                .integer(1)
                .integer(1)
                .integer(0)
                .value(Value.of(visits))
                .toBytes();
    }

    private void row(ReplicaId replica, long seq, DocumentId document) {
        rows.add(new RegionImage.Row(new Dot(replica, seq), document, 0));
    }

    private static Span batch(Dot first, long last, int content) {
        byte[] hash = new byte[32];
        hash[0] = (byte) content;
        return new Span(first.replica(), first.seq(), last, Bytes.wrap(hash));
    }
}
