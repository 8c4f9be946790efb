package dev.holdfast.keys.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FramesTest {
    @Test
    void a_message_comes_out_as_it_went_in_whatever_its_length_and_content() {
        Random random = new Random(7);
        for (int size : new int[] {0, 1, 1024, 1025, 70_000, Limits.MESSAGE_BYTES}) {
            byte[] noise = new byte[size];
            random.nextBytes(noise);
            Bytes still = Bytes.wrap(new byte[size]);
            assertThat(Frames.message(Frames.frame(Bytes.copyOf(noise))))
                    .isEqualTo(Bytes.copyOf(noise));
            assertThat(Frames.message(Frames.frame(still))).isEqualTo(still);
        }
    }

    @Test
    void only_what_shrinks_is_compressed() {
        byte[] noise = new byte[4096];
        new Random(7).nextBytes(noise);
        assertThat(Frames.frame(Bytes.wrap(noise)).size()).isEqualTo(4097);
        assertThat(Frames.frame(Bytes.wrap(new byte[1024])).size()).isEqualTo(1025);
        assertThat(Frames.frame(Bytes.wrap(new byte[4096])).size()).isLessThan(100);
    }

    @Test
    void what_grows_beyond_a_message_is_refused() {
        Bytes bomb = Frames.compress(Bytes.wrap(new byte[64 << 20]));
        assertThatThrownBy(() -> Frames.message(Bytes.fromHex("01").concat(bomb)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("over");
        assertThat(Frames.decompress(bomb, 64 << 20).size()).isEqualTo(64 << 20);
        assertThatThrownBy(() -> Frames.message(Bytes.wrap(new byte[Limits.MESSAGE_BYTES + 2])))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void what_is_no_frame_is_malformed() {
        Random random = new Random(11);
        assertThatThrownBy(() -> Frames.message(Bytes.EMPTY))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> Frames.message(Bytes.fromHex("02aa")))
                .isInstanceOf(MalformedException.class);
        for (int i = 0; i < 200; i++) {
            byte[] noise = new byte[2 + random.nextInt(100)];
            random.nextBytes(noise);
            noise[0] = 1;
            assertThatThrownBy(() -> Frames.message(Bytes.wrap(noise)))
                    .isInstanceOf(MalformedException.class);
        }
    }

    @Test
    void a_compressed_message_that_is_cut_anywhere_is_malformed() {
        byte[] text = "a patient's record, again and again. ".repeat(100).getBytes(UTF_8);
        Bytes frame = Frames.frame(Bytes.wrap(text));
        for (int to = 1; to < frame.size(); to++) {
            Bytes cut = frame.slice(0, to);
            assertThatThrownBy(() -> Frames.message(cut)).isInstanceOf(MalformedException.class);
        }
    }
}
