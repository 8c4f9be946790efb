package dev.holdfast.node.backbone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.node.settings.ByteSize;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class LinkQueueTest {
    private static final Bytes PIECE = Bytes.wrap(new byte[Frame.MAX_DATA_BYTES]);

    private static LinkQueue queue(Optional<ByteSize> all, Map<String, ByteSize> each) {
        return new LinkQueue(new RelayLimits(new BackboneSettings.Relaying(all, each, 9), 0));
    }

    private static Circuit relayed(String origin, Lane lane) {
        return new Circuit(
                List.of(origin, "b", "c"),
                lane,
                Optional.of(new Circuit.Leg(origin, 1)),
                Optional.of(new Circuit.Leg("c", 2)));
    }

    private static Circuit own(Lane lane) {
        return new Circuit(
                List.of("b", "c"), lane, Optional.empty(), Optional.of(new Circuit.Leg("c", 1)));
    }

    private static void fill(LinkQueue queue, Circuit circuit, int pieces) {
        for (int i = 0; i < pieces; i++) queue.add(circuit, new Frame.Data(i, PIECE));
    }

    private static List<Lane> lanes(LinkQueue queue, int count) {
        List<Lane> order = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            LinkQueue.Item next = queue.poll(true, 0);
            if (next != null) order.add(next.lane());
        }
        return order;
    }

    @Test
    void the_urgent_goes_first_and_bulk_does_not_starve() {
        LinkQueue queue = queue(Optional.empty(), Map.of());
        fill(queue, own(Lane.BULK), 100);
        fill(queue, own(Lane.FRESH), 100);
        List<Lane> order = lanes(queue, 100);
        assertThat(order.subList(0, 9)).containsOnly(Lane.FRESH);
        assertThat(order.stream().filter(lane -> lane == Lane.BULK).count()).isBetween(8L, 12L);
    }

    @Test
    void the_links_own_frames_pass_all_data_and_need_no_room() {
        LinkQueue queue = queue(Optional.empty(), Map.of());
        fill(queue, own(Lane.CONTROL), 1);
        queue.add(new Frame.Probe(1));
        LinkQueue.Item first = queue.poll(false, 0);
        assertThat(first).isNotNull();
        assertThat(queue.poll(false, 0)).isNull();
        assertThat(queue.hasData()).isTrue();
    }

    @Test
    void members_take_turns() {
        LinkQueue queue = queue(Optional.empty(), Map.of());
        fill(queue, relayed("x", Lane.FRESH), 50);
        fill(queue, relayed("y", Lane.FRESH), 50);
        List<String> origins = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            LinkQueue.Item next = queue.poll(true, 0);
            if (next != null && next.circuit() != null) origins.add(next.circuit().origin());
        }
        assertThat(origins.stream().filter("x"::equals)).hasSize(5);
    }

    @Test
    void who_is_at_its_limit_waits_and_holds_up_nobody() {
        LinkQueue queue = queue(Optional.empty(), Map.of("x", new ByteSize(20_000)));
        fill(queue, relayed("x", Lane.FRESH), 50);
        fill(queue, relayed("y", Lane.FRESH), 50);
        fill(queue, own(Lane.FRESH), 50);
        assertThat(sent(queue, 0)).isEqualTo(102);
        assertThat(queue.poll(true, 100_000)).isNull();
        // 20 kB a second are ten pieces in eight seconds or so.
        int later = 0;
        for (long now = 0; now <= 8_200_000; now += 10_000) later += sent(queue, now);
        assertThat(later).isBetween(9, 11);
    }

    @Test
    void a_relay_keeps_its_limit_over_all_members() {
        LinkQueue queue = queue(Optional.of(new ByteSize(100_000)), Map.of());
        for (String origin : List.of("u", "v", "w", "x", "y"))
            fill(queue, relayed(origin, Lane.BULK), 100);
        int pieces = 0;
        for (long now = 0; now <= 10_000_000; now += 5_000) pieces += sent(queue, now);
        // Ten seconds' worth, and the second's worth that was there at once.
        assertThat(pieces * Frame.MAX_DATA_BYTES).isBetween(1_000_000, 1_200_000);
    }

    @Test
    void what_was_reset_is_not_sent() {
        LinkQueue queue = queue(Optional.empty(), Map.of());
        Circuit gone = own(Lane.BULK);
        fill(queue, gone, 10);
        fill(queue, own(Lane.BULK), 2);
        gone.reset();
        assertThat(sent(queue, 0)).isEqualTo(2);
        assertThat(queue.waitingBytes()).isZero();
    }

    private static int sent(LinkQueue queue, long now) {
        int count = 0;
        while (queue.poll(true, now) != null) count++;
        return count;
    }
}
