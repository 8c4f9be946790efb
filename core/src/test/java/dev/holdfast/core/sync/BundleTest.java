package dev.holdfast.core.sync;

import static dev.holdfast.core.sync.Peer.AUTHORITY;
import static dev.holdfast.core.sync.Peer.FORGED;
import static dev.holdfast.core.sync.Peer.NOON;
import static dev.holdfast.core.sync.Peer.SCOPE;
import static dev.holdfast.core.sync.Peer.SIGNATURE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Grant.Role;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Rejection;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Batches that travel in a file. */
final class BundleTest {
    private final Peer amina = new Peer(1, Role.DEVICE);
    private final Peer bola = new Peer(2, Role.DEVICE);
    private final Peer edge = new Peer(3, Role.EDGE);

    private static Upstream upstream(Peer peer, dev.holdfast.core.replica.ReplicaTables tables) {
        return new Upstream(tables, peer.id(), peer.grant.grant().role(), Durability.APPLIED);
    }

    private static Bytes exported(Peer peer) {
        return peer.store.write(tables -> {
            // As who connects has: its own grant is among those it knows.
            tables.putGrant(peer.grant);
            return upstream(peer, tables).bundle().encoded();
        });
    }

    private static Bundle.Judgement judged(Peer peer, Bytes file) {
        Bundle.Admittance door =
                Bundle.decode(file).new Admittance(peer.grant.grant(), Set.of(AUTHORITY), NOON);
        return door.judged(Line.answers(door.checks()));
    }

    private static Upstream.Carried imported(Peer peer, Bytes file) {
        Bundle.Accepted accepted = (Bundle.Accepted) judged(peer, file);
        return peer.store.write(tables -> upstream(peer, tables).carry(accepted, NOON));
    }

    private static Rejection.Code refusal(Peer peer, Bytes file) {
        return ((Bundle.Refused) judged(peer, file)).code();
    }

    @Test
    void a_file_carries_what_was_written_and_whoever_took_it_in_brings_it_to_the_edge() {
        amina.put("name", 1);
        amina.put("age", 2);
        assertThat(imported(bola, exported(amina)).operations()).isEqualTo(2);
        assertThat(bola.document()).isEqualTo(amina.document());
        new Line(bola, edge).open();
        assertThat(edge.document()).isEqualTo(amina.document());
        assertThat(new Line(amina, edge).open().said(Message.Push.class))
                .as("the edge has it when its author comes")
                .isEmpty();
    }

    @Test
    void a_file_that_comes_twice_changes_nothing() {
        amina.put("name", 1);
        Bytes file = exported(amina);
        imported(bola, file);
        Bytes before = bola.store.read(tables -> tables.context(SCOPE).encoded());
        assertThat(imported(bola, file).operations()).isZero();
        assertThat(bola.store.<Bytes>read(tables -> tables.context(SCOPE).encoded()))
                .isEqualTo(before);
        assertThat(exported(bola)).as("carried on once").isEqualTo(file);
        assertThat(imported(amina, file).operations()).as("its own came back").isZero();
    }

    @Test
    void a_file_with_any_byte_changed_or_missing_is_refused() {
        amina.put("name", 1);
        Bytes file = exported(amina);
        for (int i = 0; i < file.size(); i++) {
            byte[] damaged = file.toArray();
            damaged[i] ^= 1;
            assertThatThrownBy(() -> Bundle.decode(Bytes.wrap(damaged)))
                    .isInstanceOf(MalformedException.class);
            Bytes cut = file.slice(0, i);
            assertThatThrownBy(() -> Bundle.decode(cut)).isInstanceOf(MalformedException.class);
        }
        assertThat(Bundle.decode(file).encoded()).isEqualTo(file);
    }

    @Test
    void one_bad_signature_keeps_all_of_a_file_out() {
        amina.put("name", 1);
        Batch good = amina.put("name", 2);
        Batch forged = Batch.draft(good.body()).signed(FORGED);
        assertThat(refusal(bola, file(amina.grant, good, forged)))
                .isEqualTo(Rejection.Code.BAD_SIGNATURE);
    }

    @Test
    void a_file_of_who_has_not_the_right_is_refused() {
        Grant.Right one = new Grant.Right(SCOPE, true, List.of("visits"));
        Peer guest = new Peer(4, Role.DEVICE, one);
        assertThat(refusal(bola, file(guest.grant, guest.put("name", 1))))
                .isEqualTo(Rejection.Code.FORBIDDEN);
        SignedGrant forged = SignedGrant.of(amina.grant.grant(), FORGED);
        assertThat(refusal(bola, file(forged, amina.put("name", 1))))
                .isEqualTo(Rejection.Code.NO_GRANT);
        Grant was = amina.grant.grant();
        Grant over =
                new Grant(was.publicKey(), was.subject(), was.role(), was.rights(), 0, NOON - 2, 1);
        assertThat(refusal(bola, file(SignedGrant.of(over, SIGNATURE), amina.put("name", 2))))
                .isEqualTo(Rejection.Code.GRANT_EXPIRED);
        assertThatThrownBy(() -> judged(bola, file(bola.grant, amina.put("name", 3))))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void who_may_not_read_a_scope_takes_in_nothing_of_it() {
        amina.put("name", 1);
        Grant.Right other = new Grant.Right("clinic-9", true, List.of(Grant.ANY));
        Peer stranger = new Peer(5, Role.DEVICE, other);
        assertThat(refusal(stranger, exported(amina))).isEqualTo(Rejection.Code.FORBIDDEN);
    }

    @Test
    void a_file_of_a_copy_of_this_store_is_told_and_nothing_of_it_is_kept() {
        amina.put("name", 1);
        Peer twin = new Peer(amina.grant, amina.store.copy());
        twin.put("name", 2);
        Bytes before = amina.document();
        assertThat(imported(amina, exported(twin)).cloned()).isTrue();
        assertThat(amina.document()).isEqualTo(before);
    }

    @Test
    void a_bundle_with_another_message_than_a_push_is_malformed() {
        Bytes pushes = file(amina.grant, amina.put("name", 1));
        Bytes body =
                pushes.slice(0, pushes.size() - 34).concat(MessageCodec.encode(Message.Pace.OPEN));
        assertThatThrownBy(() -> Bundle.decode(body.concat(end(body))))
                .hasMessageContaining("pushes only");
    }

    private static Bytes end(Bytes body) {
        return Bytes.fromHex("5820").concat(dev.holdfast.core.Sha256.of(body));
    }

    private static Bytes file(SignedGrant grant, Batch... batches) {
        Message.Push push = new Message.Push(SCOPE, List.of(grant), List.of(batches), List.of());
        return new Bundle(List.of(push)).encoded();
    }
}
