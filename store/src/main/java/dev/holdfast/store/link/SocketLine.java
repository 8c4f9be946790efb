package dev.holdfast.store.link;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.keys.wire.Frames;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket to {@code GET /v1/sync}. What comes in waits in a short queue; while that is full the
 * socket is not read, so that a fast server costs no memory here.
 */
final class SocketLine implements Line {
    private static final int QUEUED_FRAMES = 16;
    private static final int NORMAL = 1000;

    private final URI endpoint;
    private final Runnable bell;
    private final BlockingQueue<Bytes> frames = new ArrayBlockingQueue<>(QUEUED_FRAMES);
    private final WebSocket socket;
    private final Message.Challenge challenge;
    private volatile @Nullable IOException lost;
    private volatile boolean closed;

    private SocketLine(
            OkHttpClient client, URI endpoint, Request request, Duration patience, Runnable bell)
            throws IOException, InterruptedException {
        this.endpoint = endpoint;
        this.bell = bell;
        this.socket = client.newWebSocket(request, new Ear());
        try {
            this.challenge = awaitChallenge(patience);
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Waits until the server has said its challenge.
     *
     * @param bell rung whenever something arrived, or the socket is lost
     */
    static SocketLine open(
            OkHttpClient client, URI endpoint, Request request, Duration patience, Runnable bell)
            throws IOException, InterruptedException {
        return new SocketLine(client, endpoint, request, patience, bell);
    }

    @Override
    public URI endpoint() {
        return endpoint;
    }

    @Override
    public Message.Challenge challenge() {
        return challenge;
    }

    /**
     * What arrived, or null if nothing has.
     *
     * @throws IOException once the socket is lost and everything that came before was taken
     */
    @Nullable Message poll() throws IOException {
        // Looked at first: what was queued before the loss must not be passed over.
        IOException end = lost;
        Bytes frame = frames.poll();
        if (frame != null) return decoded(frame);
        if (end != null) throw end;
        return null;
    }

    void send(Message message) throws IOException {
        Bytes frame = Frames.frame(MessageCodec.encode(message));
        if (!socket.send(ByteString.of(frame.unsafeArray()))) {
            IOException end = lost;
            throw end != null ? end : new IOException("the connection takes nothing more");
        }
    }

    @Override
    public void close() {
        closed = true;
        // Says goodbye where that can be done at once; a socket that does not answer is cut.
        if (lost != null || !socket.close(NORMAL, null)) socket.cancel();
    }

    private Message.Challenge awaitChallenge(Duration patience)
            throws IOException, InterruptedException {
        long until = patience.toMillis();
        for (long waited = 0; waited < until; waited += 20) {
            IOException end = lost;
            Bytes frame = frames.poll(20, TimeUnit.MILLISECONDS);
            if (frame != null) {
                if (decoded(frame) instanceof Message.Challenge said) return said;
                throw new IOException("the server did not begin with a challenge");
            }
            if (end != null) throw end;
        }
        throw new IOException("no answer in " + patience.toSeconds() + " s");
    }

    private static Message decoded(Bytes frame) throws IOException {
        try {
            return MessageCodec.decode(Frames.message(frame));
        } catch (MalformedException e) {
            throw new IOException("the server sent what is no message: " + e.getMessage(), e);
        }
    }

    private final class Ear extends WebSocketListener {
        @Override
        public void onMessage(WebSocket from, ByteString bytes) {
            Bytes frame = Bytes.wrap(bytes.toByteArray());
            try {
                // Waiting here is what keeps the socket from being read.
                while (!closed && !frames.offer(frame, 1, TimeUnit.SECONDS)) bell.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                lose(new IOException("interrupted", e));
            }
            bell.run();
        }

        @Override
        public void onMessage(WebSocket from, String text) {
            lose(new IOException("the server sent text"));
            from.cancel();
        }

        @Override
        public void onClosing(WebSocket from, int code, String reason) {
            lose(new IOException("the server closed the connection: " + code + " " + reason));
            from.close(NORMAL, null);
        }

        @Override
        public void onFailure(WebSocket from, Throwable failure, @Nullable Response response) {
            if (response != null && response.code() != 101) {
                lose(new RefusedUpgrade(response.code()));
            } else {
                lose(
                        failure instanceof IOException io
                                ? io
                                : new IOException("the connection failed", failure));
            }
        }

        private void lose(IOException why) {
            if (lost == null) lost = why;
            bell.run();
        }
    }

    /** The server answered, but not with a WebSocket. */
    static final class RefusedUpgrade extends IOException {
        private static final long serialVersionUID = 1L;

        RefusedUpgrade(int status) {
            super("the server, or something before it, takes no WebSocket: HTTP " + status);
        }
    }
}
