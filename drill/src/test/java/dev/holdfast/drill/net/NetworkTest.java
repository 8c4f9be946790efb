package dev.holdfast.drill.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.drill.net.Network.Cut;
import dev.holdfast.drill.process.Child;
import dev.holdfast.drill.process.JavaProgram;
import dev.holdfast.drill.process.Tool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkTest {
    private static final int HEAL_ATTEMPTS = 20;

    @TempDir Path folder;

    @Test
    void a_cut_is_a_cut_and_heals_in_namespaces() {
        assumeTrue(Namespaces.areAllowed(), "namespaces are not allowed here");
        try (Namespaces network = Namespaces.make()) {
            everyCutIsOne(network);
        }
        String prefix = "hf" + ProcessHandle.current().pid() + "-";
        assertThat(Tool.run("ip", "netns", "list")).doesNotContain(prefix);
    }

    @Test
    void a_cut_is_a_cut_and_heals_between_proxies() {
        try (Proxies network = new Proxies()) {
            everyCutIsOne(network);
        }
    }

    private void everyCutIsOne(Network network) {
        int port = Ports.free(2, new Random());
        try (Child _ = echo(network, Host.EDGE, port);
                Child _ = echo(network, Host.CLOUD, port + 1)) {
            List<Boolean> all = reach(network, port);
            assertThat(all).containsExactly(true, true, true);
            for (Cut cut : Cut.values()) {
                network.cutGateway(cut);
                assertThat(reach(network, port))
                        .as(cut.toString())
                        .containsExactly(true, false, true);
                network.heal();
                assertThat(reach(network, port)).isEqualTo(all);
            }
            for (Cut cut : Cut.values()) {
                network.cutAccess(cut);
                assertThat(reach(network, port))
                        .as("access " + cut)
                        .containsExactly(false, true, true);
                network.heal();
                assertThat(reach(network, port)).isEqualTo(all);
            }
            assertThat(network.reaches(Host.CLOUD_B, Host.CLOUD, port + 1)).isTrue();
            network.cutRegions();
            assertThat(network.reaches(Host.CLOUD_B, Host.CLOUD, port + 1)).isFalse();
            assertThat(reach(network, port)).isEqualTo(all);
            network.heal();
            assertThat(network.reaches(Host.CLOUD_B, Host.CLOUD, port + 1)).isTrue();
            long before = network.attempts();
            network.lose(100);
            network.heal();
            assertThat(reach(network, port)).containsExactly(false, false, false);
            assertThat(network.attempts() - before).isGreaterThanOrEqualTo(3);
            network.lose(0);
            assertThat(reach(network, port)).isEqualTo(all);
            network.isolate(Host.CLOUD);
            assertThat(reach(network, port)).containsExactly(true, false, false);
            network.blackout();
            assertThat(reach(network, port)).containsExactly(false, false, false);
            network.heal();
            // Cables that were down: neighbours are looked for anew, and not at once.
            for (int i = 0; i < HEAL_ATTEMPTS && !reach(network, port).equals(all); i++) {}
            assertThat(reach(network, port)).isEqualTo(all);
        }
    }

    /** Device to edge, edge to region, device abroad to region. */
    private static List<Boolean> reach(Network network, int port) {
        return List.of(
                network.reaches(Host.DEVICE_A, Host.EDGE, port),
                network.reaches(Host.EDGE, Host.CLOUD, port + 1),
                network.reaches(Host.DEVICE_B, Host.CLOUD, port + 1));
    }

    private Child echo(Network network, Host host, int port) {
        List<String> command = new ArrayList<>(network.on(host));
        command.addAll(
                JavaProgram.command(
                        EchoMain.class.getName(),
                        List.of("-Xmx32m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                        List.of(network.address(host), Integer.toString(port))));
        Child child =
                Child.start(
                        "echo", command, folder.resolve("echo.log"), "ready"::equals, line -> {});
        child.awaitReady(Duration.ofSeconds(60));
        return child;
    }
}
