package dev.holdfast.store.link;

import dev.holdfast.core.Bytes;
import dev.holdfast.keys.Entropy;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.IDN;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import okhttp3.Dns;

/**
 * Asks a deployment's own name servers for addresses, at addresses that are known beforehand: past
 * the resolver of the machine and of its network, which may be dead, cut off from the world, or
 * made to lie. What an answer says needs no more trust than that of any resolver, since a server is
 * believed by its certificate alone. Speaks RFC 1035 over UDP, and over TCP where an answer is too
 * long for that.
 *
 * <p>All servers are asked at once, and again where none has answered, since packets are lost; the
 * first answer counts.
 */
final class NameServers implements Dns {
    private static final int ROUNDS = 4;
    private static final int ROUND_MILLIS = 400;
    private static final int TCP_MILLIS = 2_000;
    private static final int LONGEST_UDP = 4_096;
    private static final int MOST_PACKETS = 16;

    private static final int HEADER_BYTES = 12;
    private static final int TYPE_A = 1;
    private static final int TYPE_AAAA = 28;
    private static final int CLASS_IN = 1;
    private static final int RESPONSE = 0x8000;
    private static final int TRUNCATED = 0x0200;
    private static final int CODE = 0x000f;
    private static final int NO_SUCH_NAME = 3;

    private final List<InetSocketAddress> servers;
    private final Entropy entropy;

    NameServers(List<InetSocketAddress> servers, Entropy entropy) {
        this.servers = List.copyOf(servers);
        this.entropy = entropy;
    }

    @Override
    public List<InetAddress> lookup(String host) throws UnknownHostException {
        try {
            List<InetAddress> addresses = ask(host, TYPE_A);
            return addresses.isEmpty() ? ask(host, TYPE_AAAA) : addresses;
        } catch (UnknownHostException e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            throw new UnknownHostException(host + ": " + e.getMessage());
        }
    }

    private List<InetAddress> ask(String host, int type) throws IOException {
        byte[] question = question(host, type);
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(ROUND_MILLIS);
            for (int round = 0; round < ROUNDS; round++) {
                for (InetSocketAddress server : servers) send(socket, question, server);
                Optional<List<InetAddress>> answer = receive(socket, question, host);
                if (answer.isPresent()) return answer.get();
            }
        }
        throw new UnknownHostException(host + ": no name server answers");
    }

    /** A server to which there is no way now is as good as one that is silent. */
    private static void send(DatagramSocket socket, byte[] question, InetSocketAddress server) {
        try {
            socket.send(new DatagramPacket(question, question.length, server));
        } catch (IOException e) {
            // The others are asked all the same, and this one again with the next round.
        }
    }

    /** The first good answer, unless none comes in a while; strangers' packets are passed over. */
    private Optional<List<InetAddress>> receive(DatagramSocket socket, byte[] question, String host)
            throws IOException {
        for (int i = 0; i < MOST_PACKETS; i++) {
            DatagramPacket packet = new DatagramPacket(new byte[LONGEST_UDP], LONGEST_UDP);
            try {
                socket.receive(packet);
            } catch (SocketTimeoutException e) {
                break;
            }
            InetSocketAddress from = new InetSocketAddress(packet.getAddress(), packet.getPort());
            byte[] answer = Arrays.copyOf(packet.getData(), packet.getLength());
            if (!servers.contains(from) || !answers(question, answer)) continue;
            if ((flags(answer) & TRUNCATED) != 0) answer = overTcp(question, from);
            int code = flags(answer) & CODE;
            if (code == NO_SUCH_NAME) throw new UnknownHostException(host + ": no such name");
            // One that cannot say leaves it to the others.
            if (code == 0) return Optional.of(addresses(answer, host));
        }
        return Optional.empty();
    }

    private static byte[] overTcp(byte[] question, InetSocketAddress server) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(server, TCP_MILLIS);
            socket.setSoTimeout(TCP_MILLIS);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.write(
                    ByteBuffer.allocate(2 + question.length)
                            .putShort((short) question.length)
                            .put(question)
                            .array());
            out.flush();
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] answer = new byte[in.readUnsignedShort()];
            in.readFully(answer);
            if (!answers(question, answer)) throw new IOException("an answer to another question");
            return answer;
        }
    }

    private byte[] question(String host, int type) {
        ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + host.length() * 4 + 8);
        Bytes id = entropy.bytes(2);
        out.put(id.toArray()).putShort((short) 0).putShort((short) 1);
        out.position(HEADER_BYTES);
        for (String label : IDN.toASCII(host).split("\\.", 128)) {
            byte[] ascii = label.getBytes(StandardCharsets.US_ASCII);
            if (ascii.length == 0) continue; // behind the dot at the end
            if (ascii.length > 63) throw new IllegalArgumentException("not a name");
            out.put((byte) ascii.length).put(ascii);
        }
        out.put((byte) 0).putShort((short) type).putShort((short) CLASS_IN);
        return Arrays.copyOf(out.array(), out.position());
    }

    /** The same id and the same question, letter by letter. */
    private static boolean answers(byte[] question, byte[] answer) {
        return answer.length >= question.length
                && answer[0] == question[0]
                && answer[1] == question[1]
                && (flags(answer) & RESPONSE) != 0
                && Arrays.equals(
                        question,
                        HEADER_BYTES,
                        question.length,
                        answer,
                        HEADER_BYTES,
                        question.length);
    }

    private static int flags(byte[] message) {
        return ByteBuffer.wrap(message).getShort(2) & 0xffff;
    }

    /** All addresses in the answer, whichever alias they stand behind. */
    private static List<InetAddress> addresses(byte[] answer, String host) throws IOException {
        try {
            ByteBuffer in = ByteBuffer.wrap(answer);
            int questions = in.getShort(4) & 0xffff;
            int records = in.getShort(6) & 0xffff;
            in.position(HEADER_BYTES);
            for (int i = 0; i < questions; i++) {
                skipName(in);
                in.position(in.position() + 4);
            }
            List<InetAddress> addresses = new ArrayList<>();
            for (int i = 0; i < records; i++) {
                skipName(in);
                int type = in.getShort() & 0xffff;
                int group = in.getShort() & 0xffff;
                in.getInt(); // the TTL: a lookup is made for one attempt, and not kept
                byte[] data = new byte[in.getShort() & 0xffff];
                in.get(data);
                boolean address =
                        type == TYPE_A && data.length == 4
                                || type == TYPE_AAAA && data.length == 16;
                if (group == CLASS_IN && address)
                    addresses.add(InetAddress.getByAddress(host, data));
            }
            return addresses;
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new IOException("an answer that breaks off", e);
        }
    }

    private static void skipName(ByteBuffer in) {
        while (true) {
            int length = in.get() & 0xff;
            if (length == 0) return;
            if (length >= 0xc0) {
                in.get();
                return;
            }
            in.position(in.position() + length);
        }
    }
}
