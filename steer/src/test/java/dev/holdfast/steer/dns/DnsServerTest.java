package dev.holdfast.steer.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.keys.Entropy;
import dev.holdfast.steer.pool.StandingsOf;
import dev.holdfast.steer.zone.Zones;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Through real sockets. */
final class DnsServerTest {
    private static final int PATIENCE_MILLIS = 20_000;

    private static final String YAML =
            """
            pools:
              regions: {endpoints: {singapore: {addresses: [203.0.113.7]}}}
            zones:
              holdfast.example:
                soa: {primary: ns1, mailbox: hostmaster}
                records:
                  "@": {ns: [ns1]}
                  ns1: {a: [192.0.2.1]}
                  www: {pool: regions}
                  large: {txt: ["%1$s1", "%1$s2", "%1$s3", "%1$s4", "%1$s5", "%1$s6", "%1$s7"]}
            """
                    .formatted("y".repeat(220));

    @TempDir Path folder;

    @Test
    void udp_and_tcp_answer_at_one_port() throws IOException {
        try (DnsServer server = server(DnsSettings.at("127.0.0.1:0"))) {
            InetSocketAddress at = server.addresses().getFirst();
            Message udp = udp(at, "large.holdfast.example", Type.TXT);
            assertThat(udp.getHeader().getFlag(Flags.TC)).isTrue();
            try (Socket socket = connect(at)) {
                for (int i = 0; i < 3; i++)
                    assertThat(
                                    tcp(socket, "large.holdfast.example", Type.TXT)
                                            .getSection(Section.ANSWER))
                            .hasSize(7);
            }
        }
    }

    @Test
    void an_answer_comes_from_the_address_that_was_asked() throws IOException {
        for (String wildcard : List.of("0.0.0.0:0", "[::]:0")) {
            try (DnsServer server = server(DnsSettings.at(wildcard))) {
                int port = server.addresses().getFirst().getPort();
                // A connected socket takes packets of nobody else.
                String asked = wildcard.startsWith("0") ? "127.0.0.53" : "::1";
                InetSocketAddress at = new InetSocketAddress(InetAddress.ofLiteral(asked), port);
                assertThat(Asking.answers(udp(at, "www.holdfast.example", Type.A)))
                        .containsExactly("www.holdfast.example. A 203.0.113.7");
            }
        }
    }

    @Test
    void both_kinds_of_sockets_take_and_send_packets() throws Exception {
        try (PacketSocket plain = new ChannelSocket(loopback())) {
            exchange(plain);
        }
        assumeTrue(BatchSocket.isAvailable(), "no batches of packets on this system");
        BatchSocket batches = new BatchSocket(loopback());
        exchange(batches);
        batches.close();
        batches.release();
    }

    @Test
    void a_connection_that_is_idle_is_closed() throws IOException {
        DnsSettings standard = DnsSettings.at("127.0.0.1:0");
        try (DnsServer server = server(tcp(standard, 16, Duration.ofMillis(200)));
                Socket socket = connect(server.addresses().getFirst())) {
            // Half a question does not keep it open.
            socket.getOutputStream().write(new byte[] {0, 40, 1});
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void a_new_connection_takes_the_place_of_the_one_that_is_idle_for_longest() throws IOException {
        DnsSettings standard = DnsSettings.at("127.0.0.1:0");
        try (DnsServer server = server(tcp(standard, 2, Duration.ofMinutes(5)))) {
            InetSocketAddress at = server.addresses().getFirst();
            try (Socket first = connect(at);
                    Socket second = connect(at)) {
                tcp(first, "www.holdfast.example", Type.A);
                tcp(second, "www.holdfast.example", Type.A);
                try (Socket third = connect(at)) {
                    tcp(third, "www.holdfast.example", Type.A);
                    boolean oneIsClosed = isClosed(first) || isClosed(second);
                    assertThat(oneIsClosed).isTrue();
                }
            }
        }
    }

    @Test
    void it_explains_what_it_answers() throws IOException {
        try (DnsServer server = server(DnsSettings.at("127.0.0.1:0"))) {
            Explanation why =
                    server.explain("www.holdfast.example", "a", InetAddress.ofLiteral("192.0.2.9"));
            assertThat(why.answer()).containsExactly("www.holdfast.example. 5 IN A 203.0.113.7");
            assertThat(why.choices().getFirst().named()).containsExactly("singapore");
        }
    }

    private static void exchange(PacketSocket socket) throws IOException {
        try (DatagramSocket asker = new DatagramSocket()) {
            asker.setSoTimeout(PATIENCE_MILLIS);
            asker.connect(socket.address());
            for (int i = 0; i < 5; i++) {
                byte[] question = ("question " + i).getBytes(StandardCharsets.UTF_8);
                asker.send(new DatagramPacket(question, question.length));
                int count = socket.receive();
                while (count == 0) count = socket.receive();
                assertThat(count).isEqualTo(1);
                byte[] came = Arrays.copyOf(socket.packet(0), socket.length(0));
                assertThat(came).isEqualTo(question);
                assertThat(socket.from(0)).containsExactly(127, 0, 0, 1);
                byte[] answer = new byte[3000];
                Arrays.fill(answer, (byte) i);
                socket.answer(0, answer, answer.length);
                socket.flush();
                DatagramPacket received = new DatagramPacket(new byte[4096], 4096);
                asker.receive(received);
                assertThat(Arrays.copyOf(received.getData(), received.getLength()))
                        .isEqualTo(answer);
            }
        }
    }

    private DnsServer server(DnsSettings settings) {
        Zones zones = Zones.parse(YAML, "zones.yaml", 1);
        StandingsOf standings = StandingsOf.nobody();
        return DnsServer.open(
                settings,
                folder,
                () -> zones,
                () -> standings,
                InstantSource.system(),
                Entropy.system(),
                new SimpleMeterRegistry());
    }

    private static DnsSettings tcp(DnsSettings base, int connections, Duration idle) {
        return new DnsSettings(
                base.listen(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(1),
                base.udpSize(),
                connections,
                idle,
                base.cachedAnswers(),
                base.rate());
    }

    private static Message udp(InetSocketAddress at, String name, int type) throws IOException {
        byte[] question = Asking.question(name, type).toWire();
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.connect(at);
            socket.send(new DatagramPacket(question, question.length));
            DatagramPacket answer = new DatagramPacket(new byte[4096], 4096);
            socket.receive(answer);
            return new Message(Arrays.copyOf(answer.getData(), answer.getLength()));
        }
    }

    private static Message tcp(Socket socket, String name, int type) throws IOException {
        byte[] question = Asking.question(name, type).toWire();
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeShort(question.length);
        out.write(question);
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] answer = new byte[in.readUnsignedShort()];
        in.readFully(answer);
        return new Message(answer);
    }

    private static boolean isClosed(Socket socket) {
        try {
            tcp(socket, "www.holdfast.example", Type.A);
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static Socket connect(InetSocketAddress at) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), at.getPort());
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
    }
}
