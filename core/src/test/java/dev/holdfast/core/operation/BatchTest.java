package dev.holdfast.core.operation;

import static dev.holdfast.core.operation.Operations.SIGNATURE;
import static dev.holdfast.core.operation.Operations.put;
import static dev.holdfast.core.operation.Operations.replica;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.RandomValues;
import dev.holdfast.core.Seeds;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.CborWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BatchTest {
    private static final Hlc NOW = Hlc.of(1_700_000_000_000L, 0);

    @Test
    void a_batch_comes_back_as_it_was_encoded() {
        Seeds.each(
                2000,
                random -> {
                    Batch batch = Batch.draft(Operations.body(random)).signed(SIGNATURE);
                    assertThat(Batch.decode(batch.encoded())).isEqualTo(batch);
                    assertThat(batch.hash()).isEqualTo(Sha256.of(batch.bytes()));
                });
    }

    @Test
    void a_changed_byte_is_refused_or_changes_the_hash() {
        Seeds.each(
                3000,
                random -> {
                    Batch batch = Batch.draft(Operations.body(random)).signed(SIGNATURE);
                    byte[] changed = batch.bytes().toArray();
                    changed[random.nextInt(changed.length)] ^= (byte) (1 + random.nextInt(255));
                    CborWriter out = new CborWriter();
                    out.array(2).bytes(Bytes.wrap(changed)).bytes(SIGNATURE);
                    Batch read;
                    try {
                        read = Batch.decode(out.toBytes());
                    } catch (MalformedException e) {
                        return;
                    }
                    assertThat(read.hash()).isNotEqualTo(batch.hash());
                    assertThat(read.body()).isNotEqualTo(batch.body());
                    assertThat(Batch.draft(read.body()).bytes()).isEqualTo(read.bytes());
                });
    }

    @Test
    void any_mutation_of_a_whole_batch_is_read_as_it_stands_or_refused() {
        Seeds.each(
                5000,
                random -> {
                    byte[] bytes =
                            Batch.draft(Operations.body(random))
                                    .signed(SIGNATURE)
                                    .encoded()
                                    .toArray();
                    for (int i = 1 + random.nextInt(3); i > 0; i--) {
                        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
                    }
                    Bytes mutated = Bytes.wrap(bytes).slice(0, bytes.length - random.nextInt(2));
                    try {
                        assertThat(Batch.decode(mutated).encoded()).isEqualTo(mutated);
                    } catch (MalformedException e) {
                        return;
                    }
                });
    }

    @Test
    void a_signature_of_63_bytes_is_carried_to_whoever_judges_it() {
        Bytes signature = Bytes.wrap(new byte[63]);
        Batch batch = draft(1, Bytes.EMPTY, Value.NIL).signed(signature);
        Batch read = Batch.decode(batch.encoded());
        assertThat(read.signature()).isEqualTo(signature);
        assertThat(read.check(Bytes.wrap(new byte[32])).signature()).isEqualTo(signature);
    }

    @Test
    void what_is_signed_is_said_to_be_a_batch() {
        Batch.Draft draft = draft(1, Bytes.EMPTY, Value.NIL);
        Bytes domain =
                Bytes.wrap(
                        "holdfast batch 1\0".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        assertThat(draft.signedText()).isEqualTo(domain.concat(draft.hash()));
        assertThat(draft.signed(SIGNATURE).check(Bytes.wrap(new byte[32])).text())
                .isEqualTo(draft.signedText());
    }

    @Test
    void each_batch_names_the_bytes_of_the_one_before() {
        Batch.Draft first = draft(1, Bytes.EMPTY, Value.of(1));
        Batch.Draft second = draft(2, first.hash(), Value.of(2));
        Batch.Draft other = draft(2, draft(1, Bytes.EMPTY, Value.of(3)).hash(), Value.of(2));
        assertThat(second.hash()).isNotEqualTo(other.hash());
        for (Bytes previous :
                List.of(Bytes.EMPTY, Bytes.wrap(new byte[31]), Bytes.wrap(new byte[33]))) {
            assertThatThrownBy(() -> draft(2, previous, Value.NIL))
                    .isInstanceOf(MalformedException.class);
        }
        assertThatThrownBy(() -> draft(1, first.hash(), Value.NIL))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void a_value_over_its_limit_is_refused_by_the_writer_as_by_the_reader() {
        Bytes fits = Bytes.wrap(new byte[Limits.VALUE_BYTES - 5]);
        Batch batch = draft(1, Bytes.EMPTY, Value.of(fits)).signed(SIGNATURE);
        assertThat(Batch.decode(batch.encoded())).isEqualTo(batch);
        Bytes over = Bytes.wrap(new byte[Limits.VALUE_BYTES - 4]);
        assertThatThrownBy(() -> draft(1, Bytes.EMPTY, Value.of(over)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("a value over");
    }

    @Test
    void a_value_nested_too_deep_is_refused_by_the_writer_as_by_the_reader() {
        Value value = Value.NIL;
        for (int depth = 1; depth < Limits.NESTING; depth++) value = Value.array(value);
        Batch batch = draft(1, Bytes.EMPTY, value).signed(SIGNATURE);
        assertThat(Batch.decode(batch.encoded())).isEqualTo(batch);
        Value deeper = Value.array(value);
        assertThatThrownBy(() -> draft(1, Bytes.EMPTY, deeper))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("nested");
    }

    @Test
    void a_batch_over_its_limit_is_refused() {
        List<Operation> operations = new ArrayList<>();
        for (int seq = 1; seq <= 3; seq++) {
            Value value = Value.of(Bytes.wrap(new byte[400_000]));
            operations.add(put(new Dot(replica(1), seq), NOW, "a", value));
        }
        BatchBody body = body(1, Bytes.EMPTY, operations);
        assertThatThrownBy(() -> Batch.draft(body)).isInstanceOf(MalformedException.class);
        CborWriter out = new CborWriter();
        out.array(2).bytes(Bytes.wrap(new byte[Limits.BATCH_BYTES + 1])).bytes(SIGNATURE);
        assertThatThrownBy(() -> Batch.decode(out.toBytes()))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("over");
    }

    @Test
    void operations_edits_and_replaced_dots_are_counted() {
        List<Operation> many = new ArrayList<>();
        for (int seq = 1; seq <= Limits.OPERATIONS_PER_BATCH + 1; seq++) {
            many.add(put(new Dot(replica(1), seq), NOW, "a", Value.NIL));
        }
        assertThat(body(1, Bytes.EMPTY, many.subList(0, Limits.OPERATIONS_PER_BATCH)).last())
                .isEqualTo(Limits.OPERATIONS_PER_BATCH);
        assertThatThrownBy(() -> body(1, Bytes.EMPTY, many)).isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> body(1, Bytes.EMPTY, List.of()))
                .isInstanceOf(MalformedException.class);

        List<Edit> edits = new ArrayList<>();
        for (int i = 0; i <= Limits.EDITS_PER_OPERATION; i++) {
            edits.add(Edit.put(Key.register("f" + i), Value.NIL, List.of()));
        }
        Dot dot = new Dot(replica(1), 1);
        assertThatThrownBy(() -> new Operation(dot, NOW, "c", "i", edits))
                .isInstanceOf(MalformedException.class);

        List<Dot> over = new ArrayList<>();
        for (int i = 1; i <= Limits.OVER_PER_EDIT + 1; i++) over.add(new Dot(replica(2), i));
        assertThatThrownBy(() -> Edit.remove(Key.register("a"), over))
                .isInstanceOf(MalformedException.class);
    }

    /** Each was looked for among all the others: a batch of anybody took seconds to be read. */
    @Test
    void tens_of_thousands_of_replicas_may_be_named() {
        List<Operation> operations = new ArrayList<>();
        for (int o = 1; o <= 40; o++) {
            List<Dot> over = new ArrayList<>();
            for (int i = 0; i < Limits.OVER_PER_EDIT; i++)
                over.add(new Dot(new ReplicaId(o, i), 1));
            Edit edit = Edit.remove(Key.register("name"), over);
            Dot dot = new Dot(Operations.replica(1), o);
            operations.add(new Operation(dot, Hlc.of(o, 0), "patients", "p1", List.of(edit)));
        }
        BatchBody body =
                new BatchBody(
                        Operations.SCOPE,
                        Operations.replica(1),
                        1,
                        Bytes.EMPTY,
                        List.of(new Transaction(null, operations)));
        Bytes encoded = Batch.draft(body).signed(Operations.SIGNATURE).encoded();
        assertThat(Batch.decode(encoded).body()).isEqualTo(body);
    }

    @Test
    void sequence_numbers_follow_each_other() {
        Operation second = put(new Dot(replica(1), 2), NOW, "a", Value.NIL);
        Operation others = put(new Dot(replica(2), 1), NOW, "a", Value.NIL);
        for (Operation wrong : List.of(second, others)) {
            assertThatThrownBy(() -> body(1, Bytes.EMPTY, List.of(wrong)))
                    .isInstanceOf(MalformedException.class);
        }
    }

    @Test
    void two_edits_at_one_key_are_refused() {
        Edit edit = Edit.put(Key.register("a"), Value.NIL, List.of());
        Edit other = Edit.put(Key.register("a"), Value.TRUE, List.of());
        Dot dot = new Dot(replica(1), 1);
        assertThatThrownBy(() -> new Operation(dot, NOW, "c", "i", List.of(edit, other)))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void a_payload_fits_its_kind() {
        Dot dot = new Dot(replica(1), 1);
        assertThatThrownBy(() -> Edit.put(Key.counter("a"), Value.of("x"), List.of()))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> Edit.put(Key.clock(), Value.of(5), List.of()))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> Edit.put(Key.clock(), Value.of(0), List.of(dot)))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> Edit.remove(Key.register("a"), List.of()))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void a_clock_correction_to_no_possible_time_is_refused() {
        Dot dot = new Dot(replica(1), 1);
        assertThatThrownBy(() -> Edit.put(Key.clock(), Value.of(Long.MAX_VALUE), List.of(dot)))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void paths_collections_and_ids_have_a_form() {
        for (String path :
                List.of(
                        ".",
                        "a.",
                        ".a",
                        "a..b",
                        "a\u0000",
                        "a\u007f",
                        "x".repeat(513),
                        "a.".repeat(16) + "a")) {
            assertThatThrownBy(() -> Key.register(path))
                    .as(path)
                    .isInstanceOf(MalformedException.class);
        }
        assertThat(Key.register("é".repeat(256)).path()).hasSize(256);
        assertThat(Key.register("a.".repeat(15) + "a").within("a.a")).isTrue();
        List<Edit> edits = List.of(Edit.put(Key.register("a"), Value.NIL, List.of()));
        Dot dot = new Dot(replica(1), 1);
        for (String name : List.of("", "\n", "x".repeat(257))) {
            assertThatThrownBy(() -> new Operation(dot, NOW, "c", name, edits))
                    .isInstanceOf(MalformedException.class);
            assertThatThrownBy(() -> new Operation(dot, NOW, name, "i", edits))
                    .isInstanceOf(MalformedException.class);
        }
        for (String scope : List.of("", "a/b", "a b", "../x", "é", "x".repeat(129))) {
            assertThat(Scope.isValid(scope)).as(scope).isFalse();
        }
        assertThat(Scope.isValid("Clinic_7.ward:3-b")).isTrue();
    }

    @Test
    void a_name_that_has_no_utf_8_is_refused_before_anything_is_written() {
        List<Edit> edits = List.of(Edit.put(Key.register("a"), Value.NIL, List.of()));
        Dot dot = new Dot(replica(1), 1);
        assertThatThrownBy(() -> new Operation(dot, NOW, "c", "\ud800", edits))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> Key.register("a\udc00")).isInstanceOf(MalformedException.class);
    }

    @Test
    void a_trace_is_the_one_brought_along_or_follows_from_the_first_dot() {
        Operation operation = put(new Dot(replica(1), 1), NOW, "a", Value.NIL);
        Bytes brought = RandomValues.bytes(new java.util.Random(1), 16);
        assertThat(new Transaction(brought, List.of(operation)).traceId("s")).isEqualTo(brought);
        Transaction usual = new Transaction(null, List.of(operation));
        assertThat(usual.traceId("s"))
                .isEqualTo(usual.traceId("s"))
                .isNotEqualTo(usual.traceId("t"));
        assertThatThrownBy(() -> new Transaction(Bytes.EMPTY, List.of(operation)))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void a_batch_of_two_hundred_small_writes_is_small() {
        List<Transaction> transactions = new ArrayList<>();
        for (int seq = 1; seq <= 200; seq++) {
            Hlc hlc = Hlc.of(NOW.millis() + 997L * seq, 0);
            Dot dot = new Dot(replica(1), seq);
            Dot over = new Dot(replica(2), seq);
            transactions.add(
                    new Transaction(
                            null,
                            List.of(put(dot, hlc, "vitals.pulse", Value.of(60 + seq), over))));
        }
        BatchBody body = new BatchBody("clinic-7", replica(1), 1, Bytes.EMPTY, transactions);
        assertThat(Batch.draft(body).bytes().size() / 200).isLessThan(50);
    }

    private static Batch.Draft draft(long first, Bytes previous, Value value) {
        return Batch.draft(
                body(first, previous, List.of(put(new Dot(replica(1), first), NOW, "a", value))));
    }

    private static BatchBody body(long first, Bytes previous, List<Operation> operations) {
        List<Transaction> transactions =
                operations.isEmpty() ? List.of() : List.of(new Transaction(null, operations));
        return new BatchBody("clinic-7", replica(1), first, previous, transactions);
    }
}
