package dev.holdfast.drill.fuzz;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
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
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Sends an edge whatever it is given, and judges how that is answered. Thread-safe. */
final class EdgeClient implements AutoCloseable {
    /** Ends a session that nothing else has ended. */
    static final Message.Bye GOODBYE = new Message.Bye(Message.Bye.Code.CLOSING, "that was all");

    /** Much longer than any answer takes: what has not come by then hangs. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** How many rounds one challenge is used for: a minute of them at the very most. */
    private static final int CHALLENGED = 16;

    private static final int FRAMES_MAX = 10_000;

    private final URI edge;
    private final HttpClient client;
    private final AtomicInteger asked = new AtomicInteger();
    private volatile Message.@Nullable Challenge challenge;

    EdgeClient(URI edge, PinnedTrust trust) {
        this.edge = edge;
        this.client =
                HttpClient.newBuilder()
                        .sslContext(trust.context())
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(PATIENCE)
                        .build();
    }

    /** How the edge answered. */
    sealed interface Answer {
        /** As the protocol says; {@code refused} where something of it was. */
        record Said(boolean refused) implements Answer {}

        /** As it never should. */
        record Wrong(String what) implements Answer {}
    }

    /** One for rounds: it is good for minutes, and asked for anew long before. */
    Message.Challenge challenge() throws IOException, InterruptedException {
        Message.Challenge known = challenge;
        if (known != null && asked.incrementAndGet() % CHALLENGED != 0) return known;
        if (!(round(Bytes.EMPTY).getFirst() instanceof Message.Challenge fresh))
            throw new IOException("no challenge came");
        challenge = fresh;
        return fresh;
    }

    /**
     * A round that is in form.
     *
     * @throws IOException when it was not answered by one
     */
    List<Message> round(Bytes body) throws IOException, InterruptedException {
        HttpResponse<byte[]> response =
                client.send(request(body, false), BodyHandlers.ofByteArray());
        if (response.statusCode() != 200)
            throw new IOException("a round was answered by " + response.statusCode());
        return MessageCodec.decodeAll(Bytes.wrap(response.body()));
    }

    /** Any body; {@code packed} says that it is compressed. */
    Answer post(Bytes body, boolean packed) throws InterruptedException {
        HttpResponse<byte[]> response;
        try {
            response = client.send(request(body, packed), BodyHandlers.ofByteArray());
        } catch (IOException e) {
            return new Answer.Wrong("a round was not answered: " + e);
        }
        int status = response.statusCode();
        if (status >= 400 && status < 500) {
            String type = response.headers().firstValue("Content-Type").orElse("");
            return type.equals("application/problem+json")
                    ? new Answer.Said(true)
                    : new Answer.Wrong("status " + status + " came without its problem");
        }
        if (status != 200) return new Answer.Wrong("a round was answered by status " + status);
        try {
            return new Answer.Said(isRefused(MessageCodec.decodeAll(Bytes.wrap(response.body()))));
        } catch (MalformedException e) {
            return new Answer.Wrong("what a round was answered by is malformed: " + e.getMessage());
        }
    }

    private HttpRequest request(Bytes body, boolean packed) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(edge.resolve("/v1/sync"))
                        .timeout(PATIENCE)
                        .header("Content-Type", "application/cbor")
                        .POST(BodyPublishers.ofByteArray(body.toArray()));
        if (packed) request.header("Content-Encoding", "zstd");
        return request.build();
    }

    private static boolean isRefused(List<Message> answers) {
        return answers.stream()
                .anyMatch(answer ->
                        answer instanceof Message.Bye || answer instanceof Message.Reject);
    }

    /** What is said over a socket once the challenge has come, as frames. */
    @FunctionalInterface
    interface Said {
        List<Bytes> to(Message.Challenge challenge);
    }

    /** A session over a WebSocket; what is said must end it, if nothing before it does. */
    Answer converse(Said said) throws InterruptedException {
        Ear ear = new Ear();
        URI address = URI.create(edge.toString().replaceFirst("^https", "wss") + "/v1/sync");
        WebSocket socket;
        try {
            socket =
                    client.newWebSocketBuilder()
                            .connectTimeout(PATIENCE)
                            .buildAsync(address, ear)
                            .join();
        } catch (CompletionException e) {
            return new Answer.Wrong("no WebSocket: " + e.getCause());
        }
        try {
            Heard first = ear.next();
            if (!(first instanceof Heard.Said(Message message)
                    && message instanceof Message.Challenge challenge))
                return new Answer.Wrong("a session began with " + first);
            try {
                for (Bytes frame : said.to(challenge))
                    socket.sendBinary(ByteBuffer.wrap(frame.toArray()), true).join();
            } catch (CompletionException e) {
                // It closed before it had all: how is heard below.
            }
            return ending(ear);
        } finally {
            socket.abort();
        }
    }

    private static Answer ending(Ear ear) throws InterruptedException {
        boolean refused = false;
        while (true) {
            switch (ear.next()) {
                case null -> {
                    return new Answer.Wrong("a session was left hanging");
                }
                case Heard.Said(Message message) ->
                        refused |=
                                message instanceof Message.Bye || message instanceof Message.Reject;
                case Heard.Closed(int code) -> {
                    // 1011 says that the node failed, 1006 that it went without a word.
                    boolean clear = code == WebSocket.NORMAL_CLOSURE || refused || isRefusal(code);
                    return clear
                            ? new Answer.Said(refused || isRefusal(code))
                            : new Answer.Wrong("a session was closed with " + code);
                }
                case Heard.Broken(String what) -> {
                    return refused
                            ? new Answer.Said(true)
                            : new Answer.Wrong("a session broke: " + what);
                }
            }
        }
    }

    private static boolean isRefusal(int code) {
        return code == 1002 || code == 1003 || code == 1007 || code == 1008 || code == 1009;
    }

    private sealed interface Heard {
        record Said(Message message) implements Heard {}

        record Closed(int code) implements Heard {}

        record Broken(String what) implements Heard {}
    }

    private static final class Ear implements WebSocket.Listener {
        private final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>(FRAMES_MAX);
        private final ByteArrayOutputStream whole = new ByteArrayOutputStream();

        @Nullable Heard next() throws InterruptedException {
            return heard.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(
                WebSocket socket, ByteBuffer data, boolean last) {
            byte[] part = new byte[data.remaining()];
            data.get(part);
            whole.writeBytes(part);
            if (last) {
                Bytes frame = Bytes.wrap(whole.toByteArray());
                try {
                    heard.add(new Heard.Said(MessageCodec.decode(Frames.message(frame))));
                } catch (MalformedException e) {
                    heard.add(
                            new Heard.Broken("the edge sent what is malformed: " + e.getMessage()));
                }
                whole.reset();
            }
            socket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            heard.add(new Heard.Closed(code));
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            heard.add(new Heard.Broken(error.toString()));
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
