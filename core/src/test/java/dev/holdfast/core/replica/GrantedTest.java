package dev.holdfast.core.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.BatchBody;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.Operations;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Transaction;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class GrantedTest {
    private static final Bytes KEY = Bytes.wrap(new byte[32]);

    private final SignedGrant patients = grant(100, "patients");
    private final SignedGrant orders = grant(100, "orders");
    private final SignedGrant both = grant(100, "patients", "orders");

    @Test
    void a_grant_is_kept_until_another_covers_it() {
        Granted granted = Granted.of(patients).with(Granted.of(orders));
        assertThat(granted.all()).containsExactly(orders, patients);
        assertThat(granted.with(Granted.of(both)).all()).containsExactly(both);
    }

    @Test
    void one_that_ends_sooner_covers_none_that_ends_later() {
        SignedGrant shorter = grant(50, "patients", "orders");
        assertThat(Granted.of(patients).with(Granted.of(shorter)).all())
                .containsExactly(shorter, patients);
    }

    @Test
    void an_old_one_that_is_shown_again_changes_nothing() {
        Granted granted = Granted.of(both);
        assertThat(granted.with(Granted.of(patients))).isSameAs(granted);
        assertThat(granted.with(Granted.of(both))).isSameAs(granted);
    }

    @Test
    void what_a_replica_is_given_is_its_newest_whatever_the_others_cover() {
        Granted granted = Granted.of(both).ledBy(patients);
        assertThat(granted.newest()).isEqualTo(patients);
        assertThat(granted.all()).containsExactly(patients, both);
    }

    @Test
    void a_right_for_every_scope_or_collection_covers_one_for_a_single_one_and_not_the_other_way() {
        SignedGrant all = grant(100, Grant.ANY);
        assertThat(Granted.of(patients).with(Granted.of(all)).all()).containsExactly(all);
        assertThat(Granted.of(all).with(Granted.of(patients)).all()).containsExactly(all);
        SignedGrant reader = grant(100, new Grant.Right(Operations.SCOPE, true, List.of()));
        SignedGrant writer = grant(100, new Grant.Right(Grant.ANY, false, List.of(Grant.ANY)));
        assertThat(Granted.of(reader).with(Granted.of(writer)).all())
                .containsExactly(writer, reader);
    }

    @Test
    void a_batch_is_judged_by_the_grant_that_allows_it_and_counts_longest() {
        Batch batch = batch("patients");
        SignedGrant longer = grant(110, "patients");
        SignedGrant none = grant(120, "orders");
        assertThat(new Granted(List.of(none, patients, longer)).judging(batch)).isEqualTo(longer);
        assertThat(new Granted(List.of(none, orders)).judging(batch)).isEqualTo(none);
    }

    @Test
    void of_too_many_the_one_that_was_given_first_goes() {
        Granted granted = Granted.of(patients);
        for (int i = 1; i <= Limits.GRANTS_PER_REPLICA; i++)
            granted = granted.with(Granted.of(grant(100, "c" + i)));
        assertThat(granted.all()).hasSize(Limits.GRANTS_PER_REPLICA).doesNotContain(patients);
        List<SignedGrant> shown =
                IntStream.range(0, 100).mapToObj(i -> grant(100, "c" + i)).toList();
        assertThat(Granted.byReplica(shown).values())
                .singleElement()
                .satisfies(some -> assertThat(some.all()).isEqualTo(shown.subList(0, 8)));
    }

    private static SignedGrant grant(long end, String... write) {
        return grant(end, new Grant.Right(Operations.SCOPE, true, List.of(write)));
    }

    private static SignedGrant grant(long end, Grant.Right right) {
        Grant grant = new Grant(KEY, "amina", Grant.Role.DEVICE, List.of(right), 0, end, 0);
        return SignedGrant.of(grant, Operations.SIGNATURE);
    }

    private static Batch batch(String collection) {
        ReplicaId author = ReplicaId.ofKey(KEY);
        Edit edit = Edit.put(Key.register("name"), Value.of(1), List.of());
        Operation operation =
                new Operation(new Dot(author, 1), Hlc.of(1, 0), collection, "p1", List.of(edit));
        Transaction transaction = new Transaction(null, List.of(operation));
        return Batch.draft(
                        new BatchBody(
                                Operations.SCOPE, author, 1, Bytes.EMPTY, List.of(transaction)))
                .signed(Operations.SIGNATURE);
    }
}
