package dev.holdfast.drill.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.drill.net.Network.Cut;
import dev.holdfast.drill.report.Mark;
import dev.holdfast.drill.report.Timeline;
import org.junit.jupiter.api.Test;

class WatchedNetworkTest {
    private long nowMillis;
    private final Timeline timeline = new Timeline(() -> nowMillis++ * 1_000_000);

    @Test
    void a_cut_lasts_until_healing_and_loss_until_there_is_none() {
        try (Network network = new WatchedNetwork(new Proxies(), timeline)) {
            network.lose(30);
            network.cutGateway(Cut.BOTH);
            network.cutAccess(Cut.OUTWARD);
            network.heal();
            network.blackout();
            network.isolate(Host.CLOUD);
            network.heal();
            network.heal();
            network.lose(0);
        }
        assertThat(timeline.course().marks())
                .containsExactly(
                        new Mark.Span("loss 30 %", 0, 9),
                        new Mark.Span("border cut", 1, 3),
                        new Mark.Span("devices cut off from the edge, only answers pass", 2, 4),
                        new Mark.Span("blackout", 5, 7),
                        new Mark.Span("region cut off from everybody", 6, 8));
    }

    @Test
    void another_loss_takes_the_place_of_the_first() {
        try (Network network = new WatchedNetwork(new Proxies(), timeline)) {
            network.lose(30);
            network.lose(60);
            network.cutGateway(Cut.INWARD);
        }
        assertThat(timeline.course().marks())
                .containsExactly(
                        new Mark.Span("loss 30 %", 0, 1),
                        new Mark.Span("loss 60 %", 2, 3),
                        new Mark.Span("border cut, only requests pass", 3, 3));
    }
}
