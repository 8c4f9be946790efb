package dev.holdfast.node.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.node.settings.ByteSize;
import dev.holdfast.node.settings.SettingsException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real members, with TLS and sockets, on loopback. */
final class BackboneTest {
    @TempDir Path folder;
    TestBackbone net;

    @BeforeEach
    void make() {
        net = new TestBackbone(folder);
    }

    @AfterEach
    void close() throws IOException {
        net.close();
    }

    @Test
    void a_cut_link_is_left_for_a_relay_and_taken_again_when_it_heals() throws Exception {
        net.mesh("a", "b", "c");
        net.member("a").awaitRoute("a", "b");
        assertThat(net.member("a").ask("b")).contains("b");
        net.cable("a", "b").pass(false, false);
        net.member("a").awaitRoute("a", "c", "b");
        assertThat(net.member("a").ask("b")).contains("b");
        assertThat(net.member("b").ask("a")).contains("a");
        assertThat(net.member("c").status())
                .contains("\"relayed-bytes\":")
                .doesNotContain("\"relayed-bytes\":0,");
        net.cable("a", "b").pass(true, true);
        net.member("a").awaitRoute("a", "b");
        assertThat(net.member("a").ask("b")).contains("b");
    }

    @Test
    void a_link_that_passes_one_way_only_is_left_by_both() throws Exception {
        net.mesh("a", "b", "c");
        net.member("a").awaitRoute("a", "b");
        net.member("b").awaitRoute("b", "a");
        net.cable("a", "b").pass(true, false);
        net.member("a").awaitRoute("a", "c", "b");
        net.member("b").awaitRoute("b", "c", "a");
        net.cable("a", "b").pass(true, true);
        net.member("a").awaitRoute("a", "b");
        net.cable("a", "b").pass(false, true);
        net.member("a").awaitRoute("a", "c", "b");
        net.member("b").awaitRoute("b", "c", "a");
        assertThat(net.member("a").ask("b")).contains("b");
    }

    @Test
    void a_stream_over_a_dead_link_is_reset_so_that_its_user_can_open_another() throws Exception {
        net.mesh("a", "b", "c");
        net.member("a").awaitRoute("a", "b");
        try (Socket tunnel = tunnel("a", "b", "fresh")) {
            assertThat(head(tunnel)).startsWith("HTTP/1.1 200");
            net.cable("a", "b").pass(false, false);
            tunnel.setSoTimeout((int) TestBackbone.PATIENCE.toMillis());
            assertThatThrownBy(
                            () -> {
                                if (tunnel.getInputStream().read() < 0)
                                    throw new IOException("ended");
                            })
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(java.net.SocketTimeoutException.class);
        }
        // At once: the way was another before the stream was reset.
        assertThat(net.member("a").ask("b")).contains("b");
    }

    @Test
    void what_is_sent_arrives_whole_through_two_relays() throws Exception {
        // Nothing is cut here, and no busy moment of the machine is to look like a cut.
        net.probe = Duration.ofSeconds(10);
        net.sign(
                List.of("a", "b", "c", "d"),
                List.of(net.link("a", "b"), net.link("b", "c"), net.link("c", "d")));
        for (String name : List.of("a", "b", "c", "d")) net.start(name);
        net.member("a").awaitRoute("a", "b", "c", "d");
        byte[] much = new byte[8 << 20];
        new Random(4).nextBytes(much);
        HttpResponse<byte[]> answer =
                net.member("a")
                        .client()
                        .send(
                                HttpRequest.newBuilder(TestBackbone.uri("d", "/echo"))
                                        .POST(HttpRequest.BodyPublishers.ofByteArray(much))
                                        .timeout(TestBackbone.PATIENCE)
                                        .build(),
                                HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.body()).isEqualTo(much);
    }

    @Test
    void the_door_leads_to_members_and_nobody_else() throws Exception {
        net.mesh("a", "b");
        net.member("a").awaitRoute("a", "b");
        assertThat(answerTo("CONNECT localhost:22 HTTP/1.1\r\n\r\n"))
                .startsWith("HTTP/1.1 403")
                .contains("no member");
        assertThat(answerTo("CONNECT a:443 HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 403");
        assertThat(answerTo("CONNECT nonsense HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 400");
        assertThat(answerTo("POST / HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 405");
        assertThat(answerTo("CONNECT b:443 HTTP/1.1\r\nHoldfast-Lane: fast\r\n\r\n"))
                .startsWith("HTTP/1.1 400")
                .contains("control, fresh or bulk");
        assertThat(answerTo("CONNECT b:443 HTTP/1.1\r\nX: " + "x".repeat(9_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431");
    }

    @Test
    void nobody_gets_a_link_without_a_certificate_that_the_topology_has_a_link_for()
            throws Exception {
        net.sign(List.of("a", "b", "c"), List.of(net.link("a", "b"), net.link("b", "c")));
        for (String name : List.of("a", "b", "c")) net.start(name);
        HttpRequest upgrade =
                HttpRequest.newBuilder(
                                java.net.URI.create(
                                        "https://localhost:"
                                                + net.member("a").http.port()
                                                + "/v1/backbone"))
                        .build();
        HttpResponse<String> plain =
                java.net.http.HttpClient.newBuilder()
                        .sslContext(net.trust.context())
                        .build()
                        .send(upgrade, HttpResponse.BodyHandlers.ofString());
        assertThat(plain.statusCode()).isEqualTo(426);
        net.member("c").awaitRoute("c", "b", "a");
        // c has a certificate, and no link to a.
        assertThat(net.member("a").status()).doesNotContain("\"to\":\"c\"");
    }

    @Test
    void a_newer_topology_is_taken_while_all_runs_and_what_is_not_signed_is_not() throws Exception {
        net.mesh("a", "b", "c");
        net.member("a").awaitRoute("a", "b");
        Topology before =
                SignedTopology.load(
                                net.file,
                                java.util.Set.of(net.authority.grantKey().publicKey()),
                                new dev.holdfast.keys.Verifier())
                        .topology();
        Files.writeString(net.file, Files.readString(net.file).replace("serial: 1", "serial: 9"));
        TestBackbone.await(
                "a says why",
                () -> net.member("a").status().contains("signature is by none of the authorities"));
        net.sign(
                List.of("a", "b", "c"),
                before.links().stream().filter(link -> !link.joins("a", "b")).toList());
        net.member("a").awaitRoute("a", "c", "b");
        net.member("b").awaitRoute("b", "c", "a");
        TestBackbone.await(
                "all is well again",
                () ->
                        net.member("a").status().contains("\"serial\":2")
                                && !net.member("a").status().contains("trouble"));
        net.serial = 1;
        net.sign(List.of("a", "b", "c"), before.links());
        TestBackbone.await(
                "a refuses the older one",
                () -> net.member("a").status().contains("is older than 2"));
    }

    @Test
    void a_member_that_is_not_named_does_not_start_and_says_why() throws Exception {
        net.mesh("a", "b");
        net.keys.put("c", dev.holdfast.keys.ReplicaKey.create(dev.holdfast.keys.Entropy.system()));
        assertThatThrownBy(() -> net.start("c"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("has no member c");
        net.keys.put("a", dev.holdfast.keys.ReplicaKey.create(dev.holdfast.keys.Entropy.system()));
        assertThatThrownBy(() -> net.start("a"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("another key for a");
    }

    @Test
    void a_relay_that_refuses_a_member_carries_nothing_for_it() throws Exception {
        net.sign(List.of("a", "b", "c"), List.of(net.link("a", "b"), net.link("b", "c")));
        net.start("a");
        net.start(
                "b",
                settings ->
                        settings.withRelay(
                                new BackboneSettings.Relaying(
                                        Optional.empty(), Map.of("a", new ByteSize(0)), 9)));
        net.start("c");
        net.member("a").awaitRoute("a", "b", "c");
        try (Socket tunnel = tunnel("a", "c", "fresh")) {
            assertThat(all(tunnel)).startsWith("HTTP/1.1 403").contains("b carries nothing for a");
        }
        net.member("c").awaitRoute("c", "b", "a");
        assertThat(net.member("c").ask("a")).contains("a");
    }

    @Test
    void a_costly_link_is_used_where_no_other_way_leads_and_within_its_budget() throws Exception {
        Topology.Link satellite = net.link("a", "b");
        satellite =
                new Topology.Link(
                        satellite.between(),
                        Lane.FRESH,
                        Optional.of(new ByteSize(300_000)),
                        Optional.empty(),
                        satellite.addresses());
        net.sign(
                List.of("a", "b", "c"), List.of(satellite, net.link("a", "c"), net.link("b", "c")));
        for (String name : List.of("a", "b", "c")) net.start(name);
        net.member("a").awaitRoute("a", "c", "b");
        net.cable("a", "c").pass(false, false);
        net.member("a").awaitRoute("a", "b");
        assertThat(net.member("a").status())
                .contains(
                        "\"member\":\"b\",\"control\":[\"a\",\"b\"],\"fresh\":[\"a\",\"b\"],\"bulk\":[]");
        assertThat(net.member("a").ask("b")).contains("b");
        TestBackbone.await(
                "the budget is used",
                () -> {
                    try {
                        spend();
                    } catch (IOException e) {
                        // Reset: that is what it is about.
                    }
                    return net.member("a").status().contains("\"fresh\":[]");
                });
    }

    @Test
    void a_member_that_takes_no_links_is_dialled_directly_until_it_does() throws Exception {
        Topology.Link link = net.link("a", "b");
        // Whoever has this one knows of no link.
        Path without = folder.resolve("without.yaml");
        Files.writeString(without, net.sign(List.of("a", "b"), List.of()).text());
        SignedTopology with = net.sign(List.of("a", "b"), List.of(link));
        net.start("b", _ -> BackboneSettings.of(without));
        net.start("a");
        assertThat(net.member("a").ask("b")).contains("b");
        assertThat(net.member("a").status()).contains("\"fresh\":[]");
        try (Socket tunnel = tunnel("a", "b", "fresh")) {
            assertThat(head(tunnel)).startsWith("HTTP/1.1 200");
            Files.writeString(without, with.text());
            net.member("a").awaitRoute("a", "b");
            tunnel.setSoTimeout((int) TestBackbone.PATIENCE.toMillis());
            assertThatThrownBy(() -> tunnel.getInputStream().readAllBytes())
                    .as("it is left for the way that there is now")
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(java.net.SocketTimeoutException.class);
        }
    }

    @Test
    void nothing_goes_around_what_the_topology_calls_costly_or_does_not_name() throws Exception {
        Topology.Link thin = net.link("a", "b");
        thin =
                new Topology.Link(
                        thin.between(),
                        Lane.FRESH,
                        Optional.empty(),
                        Optional.empty(),
                        thin.addresses());
        Path without = folder.resolve("without.yaml");
        Files.writeString(without, net.sign(List.of("a", "b", "c"), List.of()).text());
        net.sign(List.of("a", "b", "c"), List.of(thin));
        net.start("b", _ -> BackboneSettings.of(without));
        net.start("a");
        for (String member : List.of("b", "c")) {
            try (Socket tunnel = tunnel("a", member, "fresh")) {
                assertThat(all(tunnel))
                        .startsWith("HTTP/1.1 503")
                        .contains("no way leads to " + member);
            }
        }
    }

    private void spend() throws IOException, InterruptedException {
        net.member("a")
                .client()
                .send(
                        HttpRequest.newBuilder(TestBackbone.uri("b", "/echo"))
                                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[100_000]))
                                .timeout(TestBackbone.PATIENCE)
                                .build(),
                        HttpResponse.BodyHandlers.discarding());
    }

    private Socket tunnel(String from, String to, String lane) throws IOException {
        Socket socket = door(from);
        socket.getOutputStream()
                .write(
                        ("CONNECT " + to + ":443 HTTP/1.1\r\nHoldfast-Lane: " + lane + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private Socket door(String of) throws IOException {
        return new Socket(
                InetAddress.getLoopbackAddress(), net.member(of).backbone.door().getPort());
    }

    private static String head(Socket socket) throws IOException {
        StringBuilder head = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) break;
            head.append((char) next);
        }
        return head.toString();
    }

    private static String all(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private String answerTo(String request) throws IOException {
        try (Socket socket = door("a")) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return all(socket);
        }
    }
}
