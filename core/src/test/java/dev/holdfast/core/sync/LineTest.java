package dev.holdfast.core.sync;

import static dev.holdfast.core.sync.Peer.SCOPE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Grant.Role;
import dev.holdfast.core.replica.Cursor;
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

    private boolean cursorAtHead(Peer peer) {
        Cursor cursor = peer.store.read(tables -> tables.cursor(SCOPE));
        return new Cursor(edge.id(), edge.store.read(tables -> tables.feedHead(SCOPE)))
                .equals(cursor);
    }
}
