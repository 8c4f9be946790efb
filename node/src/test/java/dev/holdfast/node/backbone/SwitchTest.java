package dev.holdfast.node.backbone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A relay, b, between a and c; d is a member with no link to it. */
final class SwitchTest {
    private final Switch relay = relay(128, true);

    private static Topology topology(boolean relays) {
        Map<String, Topology.Member> members = new TreeMap<>();
        for (String name : List.of("a", "b", "c", "d"))
            members.put(
                    name,
                    new Topology.Member(
                            Optional.empty(),
                            List.of(),
                            Optional.empty(),
                            relays,
                            Optional.empty()));
        return new Topology(
                1,
                Duration.ofSeconds(1),
                members,
                List.of(Topology.Link.between("a", "b"), Topology.Link.between("b", "c")));
    }

    private static Switch relay(int streams, boolean relays) {
        Switch made =
                new Switch(
                        "b",
                        topology(relays),
                        new RelayLimits(
                                new BackboneSettings.Relaying(Optional.empty(), Map.of(), streams),
                                0));
        made.connected("a", false);
        made.connected("c", true);
        return made;
    }

    private static List<Switch.Action> done(Switch by) {
        List<Switch.Action> all = new ArrayList<>();
        for (Switch.Action next = by.poll(); next != null; next = by.poll()) all.add(next);
        return all;
    }

    private static Frame.Open open(long stream, int at, String... route) {
        return new Frame.Open(stream, Lane.FRESH, at, List.of(route));
    }

    private static Frame.Why refusal(Switch by, String from, Frame.Open open) {
        by.received(from, open);
        List<Switch.Action> answers = done(by);
        assertThat(answers).hasSize(1);
        if (answers.getFirst() instanceof Switch.Action.Send(String to, Frame.Reset reset)) {
            assertThat(to).isEqualTo(from);
            assertThat(reset.stream()).isEqualTo(open.stream());
            return reset.why();
        }
        throw new AssertionError("not refused: " + answers);
    }

    @Test
    void a_relay_goes_no_way_that_the_topology_has_not_or_that_does_not_come_by_it() {
        assertThat(refusal(relay, "a", open(1, 1, "a", "b", "d"))).isEqualTo(Frame.Why.FORBIDDEN);
        assertThat(refusal(relay, "a", open(3, 1, "c", "b", "a"))).isEqualTo(Frame.Why.FORBIDDEN);
        assertThat(refusal(relay, "a", open(5, 1, "a", "b", "a"))).isEqualTo(Frame.Why.FORBIDDEN);
        assertThat(refusal(relay, "a", open(7, 2, "a", "b", "c"))).isEqualTo(Frame.Why.FORBIDDEN);
        assertThat(refusal(relay, "a", open(9, 9, "a", "b", "c"))).isEqualTo(Frame.Why.FORBIDDEN);
        assertThat(refusal(relay(9, false), "a", open(1, 1, "a", "b", "c")))
                .isEqualTo(Frame.Why.FORBIDDEN);
        assertThat(relay.open()).isZero();
    }

    @Test
    void a_number_of_a_stream_is_used_once_and_by_its_side() {
        relay.received("a", open(5, 1, "a", "b", "c"));
        done(relay);
        assertThat(refusal(relay, "a", open(5, 1, "a", "b", "c"))).isEqualTo(Frame.Why.PROTOCOL);
        assertThat(refusal(relay, "a", open(8, 1, "a", "b", "c"))).isEqualTo(Frame.Why.PROTOCOL);
    }

    @Test
    void a_relay_bears_so_many_streams() {
        Switch small = relay(1, true);
        small.received("a", open(1, 1, "a", "b", "c"));
        done(small);
        assertThat(refusal(small, "a", open(3, 1, "a", "b", "c"))).isEqualTo(Frame.Why.BUSY);
    }

    @Test
    void data_goes_on_in_order_and_its_end_after_it() {
        relay.received("a", open(1, 1, "a", "b", "c"));
        done(relay);
        relay.received("a", new Frame.Data(1, Bytes.wrap(new byte[] {1})));
        relay.received("a", new Frame.Data(1, Bytes.wrap(new byte[] {2})));
        relay.received("a", new Frame.End(1));
        assertThat(
                        done(relay).stream()
                                .map(action -> {
                                    if (action
                                            instanceof
                                            Switch.Action.SendInTurn(
                                                    String to,
                                                    Circuit _,
                                                    Frame.OfStream frame)) {
                                        assertThat(to).isEqualTo("c");
                                        return frame.getClass().getSimpleName();
                                    }
                                    return action.toString();
                                }))
                .containsExactly("Data", "Data", "End");
        relay.received("c", new Frame.End(1));
        assertThat(relay.open()).isZero();
    }

    @Test
    void who_sends_more_than_it_may_loses_the_stream_and_costs_no_more_memory() {
        relay.received("a", open(1, 1, "a", "b", "c"));
        done(relay);
        Bytes piece = Bytes.wrap(new byte[Frame.MAX_DATA_BYTES]);
        int passed = 0;
        while (relay.open() > 0) {
            relay.received("a", new Frame.Data(1, piece));
            passed++;
        }
        assertThat(passed).isEqualTo(Circuit.WINDOW_BYTES / Frame.MAX_DATA_BYTES + 1);
        assertThat(done(relay))
                .filteredOn(action -> action instanceof Switch.Action.Send)
                .hasSize(2);
    }

    @Test
    void when_a_link_is_lost_the_other_side_is_told_at_once() {
        relay.received("a", open(1, 1, "a", "b", "c"));
        done(relay);
        relay.disconnected("c");
        assertThat(done(relay))
                .singleElement()
                .satisfies(action -> {
                    assertThat(action).isInstanceOf(Switch.Action.Send.class);
                    if (action instanceof Switch.Action.Send(String to, Frame.Reset reset)) {
                        assertThat(to).isEqualTo("a");
                        assertThat(reset.why()).isEqualTo(Frame.Why.LINK_DOWN);
                    }
                });
        assertThat(relay.relayed()).isZero();
    }
}
