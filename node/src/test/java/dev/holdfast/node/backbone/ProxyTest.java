package dev.holdfast.node.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Links through a real HTTP proxy, where this machine has one (tinyproxy). */
final class ProxyTest {
    @TempDir Path folder;

    @Test
    void a_link_goes_through_a_proxy_that_wants_a_password_and_not_without_it() throws Exception {
        Path program = Path.of("/usr/bin/tinyproxy");
        assumeTrue(Files.isExecutable(program), "tinyproxy is not installed");
        int port = freePort();
        Path configuration =
                Files.writeString(
                        folder.resolve("tinyproxy.conf"),
                        "Port "
                                + port
                                + "\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\n"
                                + "BasicAuth holdfast s3cret\n");
        Path password = Files.writeString(folder.resolve("password"), "s3cret\n");
        Path wrong = Files.writeString(folder.resolve("wrong"), "guess\n");
        URI proxy = URI.create("http://holdfast@127.0.0.1:" + port);
        Process tinyproxy =
                new ProcessBuilder(program.toString(), "-d", "-c", configuration.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("tinyproxy.log").toFile())
                        .start();
        try (TestBackbone net = new TestBackbone(folder)) {
            List<String> all = List.of("a", "b", "c", "d");
            Path without = folder.resolve("without.yaml");
            Files.writeString(without, net.sign(all, List.of()).text());
            net.sign(all, List.of(net.link("a", "b"), net.link("c", "b"), net.link("a", "d")));
            net.start("d", _ -> BackboneSettings.of(without));
            net.start("a", settings -> settings.withProxy(proxy, Optional.of(password)));
            net.start("c", settings -> settings.withProxy(proxy, Optional.of(wrong)));
            net.start("b");
            net.member("a").awaitRoute("a", "b");
            assertThat(net.member("a").ask("b")).contains("b");
            assertThat(net.member("b").ask("a")).contains("a");
            assertThat(Files.readString(folder.resolve("tinyproxy.log"))).contains("CONNECT");
            // It takes no links, and is dialled directly: through the proxy as well.
            assertThat(net.member("a").ask("d")).contains("d");
            TestBackbone.await(
                    "c says why",
                    () ->
                            net.member("c").status().contains("\"reason\":")
                                    && !net.member("c").status().contains("not tried yet"));
            assertThat(net.member("c").status()).doesNotContain("guess").contains("\"up\":false");
        } finally {
            tinyproxy.destroyForcibly().waitFor();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
