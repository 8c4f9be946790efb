package dev.holdfast.core.sync;

import static dev.holdfast.core.sync.Peer.NOON;
import static dev.holdfast.core.sync.Peer.SCOPE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant.Role;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Granted;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class IntakeTest {
    private final Peer edge = new Peer(1, Role.EDGE);

    @Test
    void
            a_batch_under_this_nodes_own_key_that_it_does_not_know_is_left_alone_until_it_has_another() {
        edge.put("name", 1);
        Peer clone = new Peer(edge.grant, edge.store.copy());
        Batch strange = clone.put("name", 2);
        Session.Event.Kept kept = keep(strange);
        assertThat(kept.flushed()).isEmpty();
        assertThat(kept.refused()).isEmpty();
        assertThat(kept.pauseMillis()).isPositive();
        assertThat(stranger(strange)).isEqualTo(Span.of(strange));
        assertThat(edge.store.<Long>read(tables -> tables.feedHead(SCOPE).number())).isEqualTo(1);
        assertThat(edge.put("name", 3).first()).as("the number is not given away").isEqualTo(2);
    }

    @Test
    void a_batch_of_its_own_that_comes_back_is_known() {
        Batch own = edge.put("name", 1);
        assertThat(keep(own).flushed()).containsExactly(own);
        assertThat(
                        edge.store.<Object>read(tables ->
                                Objects.requireNonNullElse(
                                        new Intake(tables, edge.id(), Durability.APPLIED)
                                                .stranger(push(own)),
                                        "none")))
                .isEqualTo("none");
    }

    @Test
    void an_edge_has_of_what_is_asked_only_what_it_answers_for() {
        Peer amina = new Peer(2, Role.DEVICE);
        Batch fromAbove = amina.put("name", 1);
        Batch pushed = amina.put("name", 2);
        edge.receive(amina, fromAbove);
        edge.takeIn(amina, pushed);
        assertThat(has(amina)).containsExactly(Span.of(pushed));
    }

    @Test
    void what_is_pushed_though_it_was_here_from_above_is_answered_for() {
        Peer amina = new Peer(2, Role.DEVICE);
        Batch fromAbove = amina.put("name", 1);
        edge.receive(amina, fromAbove);
        edge.store.write(tables -> {
            Intake intake = new Intake(tables, edge.id(), Durability.GLOBAL);
            assertThat(intake.keep(push(fromAbove), NOON).flushed()).containsExactly(fromAbove);
            assertThat(intake.returned()).containsExactly(1L);
            return true;
        });
        assertThat(has(amina)).containsExactly(Span.of(fromAbove));
    }

    @Test
    void what_is_known_to_be_settled_is_not_answered_for_again() {
        Peer amina = new Peer(2, Role.DEVICE);
        Batch applied = amina.put("name", 1);
        edge.receive(amina, applied);
        edge.store.write(tables -> {
            tables.putWatermark(
                    new Receipt(
                                    new Peer(3, Role.REGION).id(),
                                    SCOPE,
                                    Durability.APPLIED,
                                    NOON,
                                    List.of(Span.of(applied)))
                            .signed(Peer.SIGNATURE));
            Intake intake = new Intake(tables, edge.id(), Durability.APPLIED);
            intake.keep(push(applied), NOON);
            assertThat(intake.returned()).isEmpty();
            return true;
        });
        assertThat(has(amina)).isEmpty();
    }

    /** What the edge says it has when {@code author} asks about all that it wrote. */
    private List<Span> has(Peer author) {
        Context pending = author.store.read(tables -> tables.context(SCOPE));
        Message.Subscribe ask =
                new Message.Subscribe(SCOPE, null, Bytes.EMPTY, pending, Intervals.NONE);
        return edge.store.read(tables ->
                new Intake(tables, edge.id(), Durability.APPLIED).look(ask, NOON).opening().has());
    }

    private Session.Event.Kept keep(Batch batch) {
        return edge.store.write(tables ->
                new Intake(tables, edge.id(), Durability.APPLIED).keep(push(batch), NOON));
    }

    private Span stranger(Batch batch) {
        return edge.store.read(tables ->
                Objects.requireNonNull(
                        new Intake(tables, edge.id(), Durability.APPLIED).stranger(push(batch))));
    }

    private Session.Action.Keep push(Batch batch) {
        return new Session.Action.Keep(
                1, SCOPE, List.of(batch), Map.of(edge.id(), Granted.of(edge.grant)), Map.of());
    }
}
