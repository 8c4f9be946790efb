package dev.holdfast.core.sync;

import static dev.holdfast.core.sync.Peer.SCOPE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Grant.Role;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Cursor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sessions from end to end. */
final class LineTest {
    private final Peer amina = new Peer(1, Role.DEVICE);
    private final Peer bola = new Peer(2, Role.DEVICE);
    private final Peer edge = new Peer(3, Role.EDGE);

    @Test
    void what_one_device_writes_another_gets_through_an_edge() {
        amina.write("name", 1);
        Line up = new Line(amina, edge).open();
        amina.write("age", 2);
        up.grew();
        assertThat(up.said(Message.Ack.class)).isNotEmpty();
        new Line(bola, edge).open();
        assertThat(bola.document()).isEqualTo(amina.document()).isEqualTo(edge.document());
        assertThat(new Line(bola, edge).open().said(Message.Changes.class))
                .as("resumed from its cursor")
                .isEmpty();
    }

    @Test
    void two_that_have_the_same_compare_nothing_in_the_session_after() {
        Batch batch = amina.put("name", 1);
        edge.receive(amina, batch);
        bola.receive(amina, batch);
        Line first = new Line(bola, edge).open();
        assertThat(first.said(Message.Compare.class)).isEmpty();
        assertThat(cursorAtHead(bola)).isTrue();
    }

    @Test
    void contexts_are_compared_once_though_there_was_nothing_new() {
        Batch batch = amina.put("name", 1);
        edge.receive(amina, batch);
        bola.receive(amina, batch);
        bola.put("city", 2);
        Line first = new Line(bola, edge).open();
        assertThat(first.said(Message.Compare.class)).hasSize(1);
        assertThat(first.said(Message.Changes.class))
                .allSatisfy(changes -> assertThat(changes.batches()).isEmpty());
        assertThat(edge.document()).isEqualTo(bola.document());
        Line second = new Line(bola, edge).open();
        assertThat(second.said(Message.Compare.class)).isEmpty();
        assertThat(cursorAtHead(bola)).isTrue();
        assertThat(new Line(bola, edge).open().said(Message.Changes.class)).isEmpty();
    }

    @Test
    void what_is_the_same_on_both_sides_is_not_sent_and_what_came_since_is() {
        Batch first = amina.put("name", 1);
        edge.receive(amina, first);
        bola.receive(amina, first);
        bola.put("city", 2);
        Line line = new Line(bola, edge);
        // While the client answers, the range that was the same grows.
        Batch second = amina.put("name", 3);
        line.beforeHave = () -> edge.receive(amina, second);
        line.open();
        assertThat(
                        line.said(Message.Changes.class).stream()
                                .flatMap(changes -> changes.batches().stream()))
                .containsExactly(second);
        assertThat(edge.document()).isEqualTo(bola.document());
    }

    @Test
    void who_pushes_is_not_told_of_each_push_that_the_feed_has_grown() {
        Line line = new Line(amina, edge).open();
        for (int i = 0; i < 20; i++) {
            amina.write("name", i);
            line.grew();
        }
        assertThat(line.said(Message.Push.class)).hasSize(20);
        assertThat(line.said(Message.Changes.class)).isEmpty();
    }

    /** A copied key: the server has one branch, and the client must show it the other. */
    @Test
    void a_branch_is_not_taken_for_the_other_that_the_server_has() {
        Peer twin = new Peer(amina.grant, amina.store.copy());
        Batch one = amina.put("name", 1);
        Batch next = amina.put("name", 2);
        Batch other = twin.put("name", 3);
        Peer clinic = new Peer(4, Role.EDGE);
        clinic.takeIn(amina, one, next);
        edge.receive(twin, other);
        Line line = new Line(clinic, edge).open();
        assertThat(pushed(line)).containsExactly(one, next);
        assertThat(line.said(Message.Reject.class).stream().map(said -> said.rejection().span()))
                .containsExactly(Span.of(one), Span.of(next));
        Context left = clinic.store.read(tables -> tables.unconfirmed(SCOPE));
        assertThat(left.isEmpty()).as("given up by the verdict").isTrue();
        assertThat(pushed(new Line(clinic, edge).open())).as("never said to be there").isEmpty();
    }

    @Test
    void what_was_acknowledged_is_not_sent_again_over_a_gap_either() {
        Batch one = amina.put("name", 1);
        Batch two = amina.put("name", 2);
        Batch three = amina.put("name", 3);
        Peer clinic = new Peer(4, Role.EDGE);
        clinic.takeIn(amina, one, three);
        assertThat(pushed(new Line(clinic, edge).open())).containsExactly(one, three);
        edge.receive(amina, two);
        assertThat(pushed(new Line(clinic, edge).open())).isEmpty();
    }

    /** Batches that came in one push need not be of one branch. */
    @Test
    void a_span_joins_only_batches_that_follow_each_other() {
        Peer twin = new Peer(amina.grant, amina.store.copy());
        Batch one = amina.put("name", 1);
        Batch two = amina.put("name", 2);
        Batch other = twin.put("name", 3);
        assertThat(Span.of(List.of(one, two)))
                .containsExactly(new Span(amina.id(), 1, 2, two.hash()));
        assertThat(Span.of(List.of(other, two))).containsExactly(Span.of(other), Span.of(two));
    }

    @Test
    void what_came_back_from_the_server_need_not_be_sent() {
        Batch batch = amina.put("name", 1);
        edge.receive(amina, batch);
        Peer clinic = new Peer(4, Role.EDGE);
        clinic.takeIn(amina, batch);
        assertThat(pushed(new Line(clinic, edge).open())).isEmpty();
    }

    private static List<Batch> pushed(Line line) {
        return line.said(Message.Push.class).stream()
                .flatMap(push -> push.batches().stream())
                .toList();
    }

    private boolean cursorAtHead(Peer peer) {
        Cursor cursor = peer.store.read(tables -> tables.cursor(SCOPE));
        return new Cursor(edge.id(), edge.store.read(tables -> tables.feedHead(SCOPE)))
                .equals(cursor);
    }
}
