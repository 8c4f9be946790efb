package dev.holdfast.node.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FrameTest {
    private static final List<Frame> ALL =
            List.of(
                    new Frame.Hello(1, 7),
                    new Frame.Probe(12),
                    new Frame.Echo(12, 250),
                    new Frame.State(Bytes.wrap(new byte[40]), Bytes.wrap(new byte[64])),
                    new Frame.NewTopology("serial: 1\n"),
                    new Frame.Took(1L << 40),
                    new Frame.Open(3, Lane.BULK, 1, List.of("a", "b", "c")),
                    new Frame.Opened(3),
                    new Frame.Data(3, Bytes.wrap(new byte[] {1, 2, 3})),
                    new Frame.Credit(3, 65_536),
                    new Frame.End(3),
                    new Frame.Reset(3, Frame.Why.LINK_DOWN, "the link to b is down"));

    @Test
    void every_frame_is_read_as_it_was_written() {
        for (Frame frame : ALL) assertThat(Frame.decode(frame.encoded())).isEqualTo(frame);
    }

    @Test
    void what_is_no_frame_is_refused_and_nothing_else_happens() {
        Random random = new Random(17);
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = ALL.get(random.nextInt(ALL.size())).encoded().toArray();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--)
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            try {
                Frame.decode(Bytes.wrap(bytes));
            } catch (MalformedException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }

    @Test
    void what_is_over_a_bound_is_refused() {
        Bytes much = Bytes.wrap(new byte[Frame.MAX_DATA_BYTES + 1]);
        assertThatThrownBy(() -> Frame.decode(new Frame.Data(1, much).encoded()))
                .isInstanceOf(MalformedException.class);
        List<String> far = List.of("a", "b", "c", "d", "e", "f", "g", "h", "i");
        assertThatThrownBy(() -> Frame.decode(new Frame.Open(1, Lane.FRESH, 1, far).encoded()))
                .isInstanceOf(MalformedException.class);
    }
}
