package dev.holdfast.node.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.wire.Frames;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A client that says what it is told to, right or wrong. */
final class TestClient implements AutoCloseable {
    private final HttpClient client;
    private final WebSocket socket;
    private final LinkedBlockingQueue<Object> heard = new LinkedBlockingQueue<>();

    /** The end of a connection. */
    record Closed(int code) {}

    TestClient(Fixture fixture) throws Exception {
        this(fixture, fixture.trust.context());
    }

    TestClient(Fixture fixture, SSLContext tls) throws Exception {
        client = HttpClient.newBuilder().sslContext(tls).build();
        socket =
                client.newWebSocketBuilder()
                        .buildAsync(fixture.uri("wss"), new Listener(heard))
                        .get(60, TimeUnit.SECONDS);
    }

    private static final class Listener implements WebSocket.Listener {
        private final LinkedBlockingQueue<Object> heard;
        private final ByteArrayOutputStream whole = new ByteArrayOutputStream();

        Listener(LinkedBlockingQueue<Object> heard) {
            this.heard = heard;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(
                WebSocket socket, ByteBuffer data, boolean last) {
            byte[] part = new byte[data.remaining()];
            data.get(part);
            whole.writeBytes(part);
            if (last) {
                heard.add(MessageCodec.decode(Frames.message(Bytes.wrap(whole.toByteArray()))));
                whole.reset();
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            heard.add(new Closed(code));
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            heard.add(new Closed(1006));
        }
    }

    /** Says hello and waits to be let in. */
    static TestClient greeted(Fixture fixture, Fixture.Device device) throws Exception {
        TestClient client = new TestClient(fixture);
        client.hello(device.key(), device.grant());
        client.expect(Message.Welcome.class);
        return client;
    }

    void hello(ReplicaKey key, SignedGrant grant) throws Exception {
        Message.Challenge challenge = expect(Message.Challenge.class);
        send(hello(key, grant, challenge));
    }

    static Message.Hello hello(ReplicaKey key, SignedGrant grant, Message.Challenge challenge) {
        Bytes own = Bytes.wrap(new byte[16]);
        Bytes proof = key.sign(Message.proofText(challenge.node(), challenge.nonce(), own));
        return new Message.Hello(Message.VERSION, grant, challenge.nonce(), own, proof);
    }

    void send(Message... messages) throws Exception {
        for (Message message : messages) raw(Frames.frame(MessageCodec.encode(message)));
    }

    void raw(Bytes frame) throws Exception {
        socket.sendBinary(ByteBuffer.wrap(frame.toArray()), true).get(60, TimeUnit.SECONDS);
    }

    void text(String text) throws Exception {
        socket.sendText(text, true).get(60, TimeUnit.SECONDS);
    }

    Object next() throws InterruptedException {
        Object next = heard.poll(60, TimeUnit.SECONDS);
        if (next == null) throw new AssertionError("nothing was said");
        return next;
    }

    /** The next message of a kind; what comes before it is passed over. */
    <T> T expect(Class<T> kind) throws InterruptedException {
        while (true) {
            Object next = next();
            if (kind.isInstance(next)) return kind.cast(next);
            if (next instanceof Closed || next instanceof Message.Bye)
                throw new AssertionError("instead of " + kind.getSimpleName() + ": " + next);
        }
    }

    /** The reason for which the node ends the session. */
    Message.Bye.Code expectBye() throws InterruptedException {
        while (true) {
            Object next = next();
            if (next instanceof Message.Bye bye) return bye.code();
            if (next instanceof Closed) throw new AssertionError("closed without a bye: " + next);
        }
    }

    Closed expectClosed() throws InterruptedException {
        while (true) {
            if (next() instanceof Closed closed) return closed;
        }
    }

    /** Goes without a word. */
    void cut() {
        socket.abort();
    }

    @Override
    public void close() {
        socket.abort();
        client.shutdownNow();
    }
}
