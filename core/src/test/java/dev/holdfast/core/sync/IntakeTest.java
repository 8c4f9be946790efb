package dev.holdfast.core.sync;

import static dev.holdfast.core.sync.Peer.NOON;
import static dev.holdfast.core.sync.Peer.SCOPE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Grant.Role;
import dev.holdfast.core.operation.Span;
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
                                        new Intake(tables, edge.id()).stranger(push(own)), "none")))
                .isEqualTo("none");
    }

    private Session.Event.Kept keep(Batch batch) {
        return edge.store.write(tables -> new Intake(tables, edge.id()).keep(push(batch), NOON));
    }

    private Span stranger(Batch batch) {
        return edge.store.read(tables ->
                Objects.requireNonNull(new Intake(tables, edge.id()).stranger(push(batch))));
    }

    private Session.Action.Keep push(Batch batch) {
        return new Session.Action.Keep(
                1, SCOPE, List.of(batch), Map.of(edge.id(), edge.grant), Map.of());
    }
}
