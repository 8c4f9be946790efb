package dev.holdfast.drill.states;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.keys.wire.Frames;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Sends a node whatever it is told to, right or wrong. Used by one thread. */
final class Caller implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String CBOR = "application/cbor";
    private static final int FRAMES_MAX = 1_000;

    /** From here on a body is only sent once the node wants it, as curl does. */
    private static final int ASKED_FOR_BYTES = 1 << 20;

    private final URI node;
    private final HttpClient client;

    Caller(URI node, PinnedTrust trust) {
        this.node = node;
        this.client =
                HttpClient.newBuilder()
                        .sslContext(trust.context())
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(PATIENCE)
                        .build();
    }

    /**
     * What came back.
     *
     * @param status 0 where the connection was closed without an answer
     */
    record Answer(int status, Bytes body) {}

    /** A request with a body as it is. */
    Answer send(String method, String path, String type, Optional<String> bearer, byte[] body)
            throws InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(node + path))
                        .timeout(PATIENCE)
                        .header("Content-Type", type)
                        .expectContinue(body.length > ASKED_FOR_BYTES)
                        .method(method, BodyPublishers.ofByteArray(body));
        bearer.ifPresent(header -> request.header("Authorization", header));
        try {
            HttpResponse<byte[]> response =
                    client.send(request.build(), BodyHandlers.ofByteArray());
            return new Answer(response.statusCode(), Bytes.wrap(response.body()));
        } catch (IOException e) {
            return new Answer(0, Bytes.EMPTY);
        }
    }

    /** A body to {@code POST /v1/sync}. */
    Answer sync(Bytes body) throws InterruptedException {
        return send("POST", "/v1/sync", CBOR, Optional.empty(), body.toArray());
    }

    /**
     * A round of the protocol.
     *
     * @throws IOException when it was not answered by one
     */
    List<Message> round(Bytes body) throws IOException, InterruptedException {
        Answer answer = sync(body);
        if (answer.status() != 200)
            throw new IOException("a round was answered by " + answer.status());
        return MessageCodec.decodeAll(answer.body());
    }

    Message.Challenge challenge() throws IOException, InterruptedException {
        if (round(Bytes.EMPTY).getFirst() instanceof Message.Challenge challenge) return challenge;
        throw new IOException("no challenge came");
    }

    /** What is said over a socket once the challenge has come. */
    @FunctionalInterface
    interface Said {
        List<ByteBuffer> of(Message.Challenge challenge);
    }

    /**
     * A session over a WebSocket: says it, and hears until the node ends the session or there is a
     * refusal, or has nothing to say for a while.
     *
     * @param text whether it goes as text
     */
    List<Message> socket(boolean text, Said said) throws IOException, InterruptedException {
        Ear ear = new Ear();
        String address = node.toString().replaceFirst("^https", "wss") + "/v1/sync";
        List<Message> heard = new ArrayList<>();
        WebSocket socket;
        try {
            socket = client.newWebSocketBuilder().buildAsync(URI.create(address), ear).join();
        } catch (CompletionException e) {
            throw new IOException("no WebSocket to " + address, e);
        }
        try {
            if (!(ear.next() instanceof Message.Challenge challenge))
                throw new IOException("no challenge came");
            for (ByteBuffer frame : said.of(challenge)) {
                if (text) socket.sendText("hello", true).join();
                else socket.sendBinary(frame, true).join();
            }
        } catch (CompletionException e) {
            // It closed before it had all: what it said is heard all the same.
        }
        Message next = ear.next();
        while (next != null && !(next instanceof Message.Reject)) {
            heard.add(next);
            next = ear.next();
        }
        if (next != null) heard.add(next);
        if (ear.closed) heard.add(new Message.Bye(Message.Bye.Code.CLOSING, "closed"));
        socket.abort();
        return heard;
    }

    private static final class Ear implements WebSocket.Listener {
        private final BlockingQueue<Optional<Message>> heard =
                new LinkedBlockingQueue<>(FRAMES_MAX);
        private final ByteArrayOutputStream whole = new ByteArrayOutputStream();
        private volatile boolean closed;

        /** Null when it is closed, or nothing came. */
        @Nullable Message next() throws InterruptedException {
            Optional<Message> next = heard.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            return next == null ? null : next.orElse(null);
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(
                WebSocket socket, ByteBuffer data, boolean last) {
            byte[] part = new byte[data.remaining()];
            data.get(part);
            whole.writeBytes(part);
            if (last) {
                Bytes frame = Bytes.wrap(whole.toByteArray());
                heard.add(Optional.of(MessageCodec.decode(Frames.message(frame))));
                whole.reset();
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed = true;
            heard.add(Optional.empty());
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            closed = true;
            heard.add(Optional.empty());
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
