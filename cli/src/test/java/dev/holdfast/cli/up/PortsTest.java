package dev.holdfast.cli.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.cli.output.Failure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class PortsTest {
    @Test
    void a_port_in_use_is_told_with_the_way_out() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Ports ports = new Ports(Math.min(other.getLocalPort(), 65_505));
            if (ports.base() != other.getLocalPort()) return; // too high to be a base
            assertThatThrownBy(() -> ports.requireFree(new Layout(Path.of("none"))))
                    .isInstanceOf(Failure.class)
                    .hasMessage("port " + other.getLocalPort() + " is in use")
                    .satisfies(fault ->
                            assertThat(((Failure) fault).remedy()).contains("--port-base"));
        }
    }

    @Test
    void each_node_has_an_address_of_its_own_for_a_browser() {
        Ports ports = new Ports(7700);
        assertThat(ports.address(Layout.EDGE)).isEqualTo("https://localhost:7710");
        assertThat(
                        Stream.of(Layout.REGIONS, List.of(Layout.EDGE), Layout.STEERS)
                                .flatMap(List::stream)
                                .map(ports::address))
                .hasSize(5)
                .doesNotHaveDuplicates();
    }

    @Test
    void nothing_listens_where_something_else_does() {
        Ports ports = new Ports(7700);
        List<Integer> all =
                new ArrayList<>(
                        List.of(
                                ports.street(),
                                ports.edge(),
                                ports.edgeDoor(),
                                ports.switches(),
                                ports.cableBack()));
        for (String region : Layout.REGIONS) {
            Ports.OfRegion own = ports.of(region);
            all.addAll(
                    List.of(
                            ports.cable(region),
                            own.http(),
                            own.database(),
                            own.namesrv(),
                            own.broker(),
                            own.broker() - 2,
                            own.door()));
        }
        for (String steer : Layout.STEERS)
            all.addAll(List.of(ports.ofSteer(steer).http(), ports.ofSteer(steer).dns()));
        assertThat(all).doesNotHaveDuplicates().allMatch(port -> port >= 7700 && port < 7730);
    }

    @Test
    void a_base_without_room_above_it_is_refused() {
        assertThatThrownBy(() -> new Ports(65_530)).isInstanceOf(Failure.class);
        assertThatThrownBy(() -> new Ports(80)).isInstanceOf(Failure.class);
    }
}
