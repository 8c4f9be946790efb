package dev.holdfast.store.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.keys.Entropy;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import okhttp3.Dns;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class NameServersTest {
    private static final int TRUNCATED = 0x8600;
    private static final int ANSWER = 0x8400;
    private static final int NO_SUCH_NAME = 0x8403;
    private static final int SERVER_FAILURE = 0x8402;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<AutoCloseable> open = new ArrayList<>();

    /** Makes the answers to one question. */
    @FunctionalInterface
    private interface Script {
        List<byte[]> answers(byte[] question);
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) each.close();
        threads.shutdownNow();
    }

    @Test
    void a_servers_addresses_are_found_past_the_machines_resolver() throws Exception {
        InetSocketAddress server = serve(q -> List.of(answer(q, ANSWER, 10, 1, 2, 3)));
        assertThat(asked(server).lookup("region.example"))
                .containsExactly(InetAddress.getByAddress(new byte[] {10, 1, 2, 3}));
    }

    @Test
    void a_silent_server_does_not_keep_another_from_answering() throws Exception {
        InetSocketAddress silent = serve(q -> List.of());
        InetSocketAddress server = serve(q -> List.of(answer(q, ANSWER, 10, 1, 2, 3)));
        assertThat(asked(silent, server).lookup("region.example")).hasSize(1);
    }

    @Test
    void what_is_lost_is_asked_again() throws Exception {
        int[] asked = {0};
        InetSocketAddress server =
                serve(q -> ++asked[0] < 3 ? List.of() : List.of(answer(q, ANSWER, 10, 1, 2, 3)));
        assertThat(asked(server).lookup("region.example")).hasSize(1);
        assertThat(asked[0]).isEqualTo(3);
    }

    @Test
    void an_answer_to_another_question_is_passed_over() throws Exception {
        InetSocketAddress server =
                serve(q -> {
                    byte[] otherId = answer(q, ANSWER, 6, 6, 6, 6);
                    otherId[0]++;
                    byte[] otherName = answer(q, ANSWER, 6, 6, 6, 6);
                    otherName[13]++;
                    return List.of(
                            otherId,
                            otherName,
                            new byte[] {1, 2, 3},
                            answer(q, SERVER_FAILURE),
                            answer(q, ANSWER, 10, 1, 2, 3));
                });
        assertThat(asked(server).lookup("region.example"))
                .containsExactly(InetAddress.getByAddress(new byte[] {10, 1, 2, 3}));
    }

    @Test
    void an_answer_that_is_too_long_comes_over_tcp() throws Exception {
        InetSocketAddress server = serve(q -> List.of(answer(q, TRUNCATED)));
        ServerSocket tcp = new ServerSocket(server.getPort(), 1, server.getAddress());
        open.add(tcp);
        serving(() -> {
            try (Socket socket = tcp.accept()) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                byte[] question = new byte[in.readUnsignedShort()];
                in.readFully(question);
                byte[] answer = answer(question, ANSWER, 10, 1, 2, 3, 10, 1, 2, 4);
                DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                out.writeShort(answer.length);
                out.write(answer);
            }
        });
        assertThat(asked(server).lookup("region.example")).hasSize(2);
    }

    @Test
    void a_name_that_is_not_there_is_told_at_once() throws Exception {
        InetSocketAddress server = serve(q -> List.of(answer(q, NO_SUCH_NAME)));
        assertThatThrownBy(() -> asked(server).lookup("region.example"))
                .isInstanceOf(UnknownHostException.class)
                .hasMessageContaining("no such name");
    }

    @Test
    void an_answer_that_breaks_off_harms_nothing() throws Exception {
        InetSocketAddress server =
                serve(q -> {
                    byte[] whole = answer(q, ANSWER, 10, 1, 2, 3);
                    return List.of(Arrays.copyOf(whole, whole.length - 2));
                });
        assertThatThrownBy(() -> asked(server).lookup("region.example"))
                .isInstanceOf(UnknownHostException.class);
    }

    @Test
    void of_several_sources_one_that_answers_is_enough() throws Exception {
        Dns dead = TestReplica.noDns();
        Dns alive = host -> List.of(InetAddress.getByName("127.0.0.9"));
        assertThat(new FirstAnswer(List.of(dead, alive), threads).lookup("x")).hasSize(1);
        assertThat(new FirstAnswer(List.of(alive, dead), threads).lookup("x")).hasSize(1);
        assertThatThrownBy(() -> new FirstAnswer(List.of(dead, dead), threads).lookup("x"))
                .isInstanceOf(UnknownHostException.class);
    }

    @Test
    void a_source_that_never_answers_holds_up_nothing() throws Exception {
        Dns hanging =
                host -> {
                    try {
                        Thread.sleep(60_000);
                    } catch (InterruptedException e) {
                        throw new UnknownHostException(host);
                    }
                    return List.of();
                };
        Dns alive = host -> List.of(InetAddress.getByName("127.0.0.9"));
        assertThat(new FirstAnswer(List.of(hanging, alive), threads).lookup("x")).hasSize(1);
    }

    /** Until its socket is closed. */
    @FunctionalInterface
    private interface Serving {
        void serve() throws IOException;
    }

    private void serving(Serving server) {
        Future<?> until =
                threads.submit(() -> {
                    try {
                        server.serve();
                    } catch (IOException e) {
                        // Closed: the test is over.
                    }
                });
        open.add(() -> until.cancel(true));
    }

    private NameServers asked(InetSocketAddress... servers) {
        return new NameServers(List.of(servers), Entropy.system());
    }

    private InetSocketAddress serve(Script script) throws IOException {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        open.add(socket);
        serving(() -> {
            while (!socket.isClosed()) {
                DatagramPacket packet = new DatagramPacket(new byte[512], 512);
                socket.receive(packet);
                byte[] question = Arrays.copyOf(packet.getData(), packet.getLength());
                for (byte[] answer : script.answers(question))
                    socket.send(
                            new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            }
        });
        return new InetSocketAddress(socket.getLocalAddress(), socket.getLocalPort());
    }

    /** With these addresses, four numbers each. */
    private static byte[] answer(byte[] question, int flags, int... addresses) {
        int count = addresses.length / 4;
        ByteBuffer out = ByteBuffer.allocate(question.length + 16 * count);
        out.put(question).putShort(2, (short) flags).putShort(6, (short) count);
        for (int i = 0; i < count; i++) {
            out.putShort((short) 0xc00c).putShort((short) 1).putShort((short) 1).putInt(5);
            out.putShort((short) 4);
            for (int j = 0; j < 4; j++) out.put((byte) addresses[4 * i + j]);
        }
        return out.array();
    }
}
