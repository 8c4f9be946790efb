package dev.holdfast.core.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Grant.Role;
import dev.holdfast.core.operation.Span;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

final class UnderwayTest {
    private final Peer amina = new Peer(1, Role.DEVICE);
    private final Batch one = amina.put("name", 1);
    private final Batch two = amina.put("name", 2);
    private final Underway underway = new Underway();

    @Test
    void a_span_speaks_for_the_batches_before_its_last() {
        underway.send(1, one);
        underway.send(2, two);
        assertThat(underway.answered(Span.of(List.of(one, two))))
                .isEqualTo(one.sizeBytes() + two.sizeBytes());
        assertThat(underway.isEmpty()).isTrue();
        assertThat(underway.send(1, one)).as("sent again").isFalse();
    }

    @Test
    void a_span_speaks_for_none_before_its_first() {
        underway.send(1, one);
        underway.send(2, two);
        assertThat(underway.answered(List.of(Span.of(two)))).isEqualTo(two.sizeBytes());
        assertThat(underway.lowestAfter(0)).isEqualTo(1);
    }

    @Test
    void what_was_on_its_way_at_a_pause_is_sent_again_unless_its_answer_comes() {
        underway.send(1, one);
        underway.send(2, two);
        underway.pause();
        assertThat(underway.answered(List.of(Span.of(one)))).as("counts no more").isZero();
        assertThat(underway.send(1, one)).isFalse();
        assertThat(underway.send(2, two)).isTrue();
    }

    /** A region has a batch in its log before it judges it. */
    @Test
    void what_was_taken_and_then_refused_is_sent_once_more_when_it_is_asked_for() {
        underway.send(1, one);
        underway.answered(List.of(Span.of(one)));
        underway.refused(Span.of(one));
        assertThat(underway.send(1, one)).as("judged").isFalse();
        underway.forget(one);
        assertThat(underway.send(1, one)).isTrue();
    }

    /** More refusals than are remembered must not fill the window for ever. */
    @Test
    void a_refused_batch_makes_room_however_many_were_refused_before() {
        for (int i = 0; i < 20_000; i++) {
            Bytes hash = Bytes.wrap(ByteBuffer.allocate(32).putInt(i).array());
            underway.refused(new Span(amina.id(), 1, 1, hash));
        }
        underway.send(1, one);
        assertThat(underway.refused(Span.of(one))).isEqualTo(one.sizeBytes());
        assertThat(underway.isEmpty()).isTrue();
    }
}
