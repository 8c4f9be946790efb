package dev.holdfast.node.backbone;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LinkWindowTest {
    private static final int PIECE = Frame.MAX_DATA_BYTES;

    /**
     * A link of so many bytes a second, and the greatest delay after a while of sending all it can.
     */
    private static long worstDelay(long bytesPerSecond, LinkWindow window) {
        long now = 0;
        long arrival = 0;
        long worst = 0;
        long sent = 0;
        java.util.ArrayDeque<long[]> line = new java.util.ArrayDeque<>();
        while (now < 120_000_000L) {
            while (window.hasRoom()) {
                window.sent(PIECE, now);
                sent += PIECE;
                arrival = Math.max(arrival, now) + PIECE * 1_000_000L / bytesPerSecond;
                line.add(new long[] {arrival + 20_000, sent, now});
            }
            long[] next = line.remove();
            now = Math.max(now, next[0]);
            if (now > 60_000_000L) worst = Math.max(worst, now - next[2]);
            window.took(next[1], now);
        }
        return worst;
    }

    @Test
    void a_thin_link_is_not_filled_with_seconds_of_data() {
        assertThat(worstDelay(200_000, new LinkWindow())).isLessThan(1_000_000);
    }

    @Test
    void a_fast_link_is_used() {
        LinkWindow window = new LinkWindow();
        worstDelay(50_000_000, window);
        assertThat(window.windowBytes()).isGreaterThan(1 << 20);
    }

    @Test
    void what_the_other_end_cannot_have_is_not_believed() {
        LinkWindow window = new LinkWindow();
        window.sent(PIECE, 1);
        assertThat(window.took(PIECE + 1, 2)).isEmpty();
        assertThat(window.took(PIECE, 2)).contains(1L);
        assertThat(window.took(PIECE, 3)).isEmpty();
    }
}
