package dev.holdfast.cli.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.cli.output.Failure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class PortsTest {
    @Test
    void a_port_in_use_is_told_with_the_way_out() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Ports ports = new Ports(Math.min(other.getLocalPort(), 65_515));
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
        assertThat(ports.address(Layout.EDGE)).isEqualTo("https://localhost:7700");
        assertThat(
                        Stream.of(Layout.REGIONS, List.of(Layout.EDGE), Layout.STEERS)
                                .flatMap(List::stream)
                                .map(ports::address))
                .hasSize(5)
                .doesNotHaveDuplicates();
    }

    @Test
    void a_base_without_room_above_it_is_refused() {
        assertThatThrownBy(() -> new Ports(65_530)).isInstanceOf(Failure.class);
        assertThatThrownBy(() -> new Ports(80)).isInstanceOf(Failure.class);
    }
}
