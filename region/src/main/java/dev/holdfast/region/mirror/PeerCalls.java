package dev.holdfast.region.mirror;

import dev.holdfast.core.Bytes;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Posts CBOR to other regions, with this node's grant, for blocking code. Thread-safe. */
public final class PeerCalls {
    private static final Duration CONNECTING = Duration.ofSeconds(10);

    /** An answer may have many digests to make. */
    private static final Duration PATIENCE = Duration.ofSeconds(70);

    private static final int MOST_BYTES = 16 << 20;

    private final Dial dial;
    private final String authorization;
    private final HttpClient client;

    /** Takes a connection of its own each time. */
    private final HttpClient anew;

    /**
     * Lives as long as {@code vertx} does.
     *
     * @param authorization the header by which peers know this node
     */
    public PeerCalls(Vertx vertx, Dial dial, String authorization) {
        this.dial = dial;
        this.authorization = authorization;
        this.client = vertx.createHttpClient(new HttpClientOptions());
        this.anew = vertx.createHttpClient(new HttpClientOptions().setKeepAlive(false));
    }

    /**
     * What the peer answers. It is asked once more, by a new connection, where one breaks, since a
     * way of the backbone is left for another at any time: a question that is put twice must do no
     * harm.
     *
     * @throws IOException when it cannot be reached, or does not answer that
     */
    public Bytes post(URI peer, String path, Bytes body) throws IOException, InterruptedException {
        try {
            return postOnce(client, peer, path, body);
        } catch (Broken e) {
            return postOnce(anew, peer, path, body);
        }
    }

    private Bytes postOnce(HttpClient client, URI peer, String path, Bytes body)
            throws IOException, InterruptedException {
        RequestOptions to =
                dial.at(peer, new RequestOptions())
                        .setMethod(HttpMethod.POST)
                        .setURI(path)
                        .setConnectTimeout(CONNECTING.toMillis())
                        .putHeader("Authorization", authorization)
                        .putHeader("Content-Type", "application/cbor");
        Future<Bytes> answer =
                client.request(to)
                        .compose(request ->
                                request.send(Buffer.buffer(body.unsafeArray()))
                                        .compose(response -> whole(response, peer))
                                        .recover(e -> Future.failedFuture(broken(e, peer))));
        try {
            return answer.toCompletionStage()
                    .toCompletableFuture()
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            if (cause instanceof Broken) throw new Broken(cause.getMessage(), cause);
            throw new IOException(
                    cause instanceof Refused ? cause.getMessage() : unasked(peer, cause), cause);
        } catch (TimeoutException e) {
            throw new IOException(
                    peer.getAuthority() + " gave no answer in " + PATIENCE.toSeconds() + " s", e);
        }
    }

    /** An answer that is none. */
    private static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    /** A connection that ended before the answer did. */
    private static final class Broken extends IOException {
        private static final long serialVersionUID = 1L;

        Broken(@Nullable String message, Throwable cause) {
            super(message, cause);
        }
    }

    private static Throwable broken(Throwable failure, URI peer) {
        return failure instanceof Refused ? failure : new Broken(unasked(peer, failure), failure);
    }

    private static String unasked(URI peer, Throwable why) {
        return peer.getAuthority() + " cannot be asked: " + why.getMessage();
    }

    private static Future<Bytes> whole(HttpClientResponse response, URI peer) {
        Buffer body = Buffer.buffer();
        Promise<Bytes> done = Promise.promise();
        response.exceptionHandler(done::tryFail)
                .handler(chunk -> {
                    if (body.length() + chunk.length() > MOST_BYTES) {
                        done.tryFail(
                                new Refused(peer.getAuthority() + " answers more than it may"));
                        response.request().reset();
                    } else body.appendBuffer(chunk);
                })
                .endHandler(_ -> {
                    if (response.statusCode() == 200) done.tryComplete(Bytes.wrap(body.getBytes()));
                    else done.tryFail(new Refused(reason(response.statusCode(), body, peer)));
                });
        return done.future();
    }

    private static String reason(int status, Buffer body, URI peer) {
        if (status == 404)
            return peer.getAuthority()
                    + " does not know the question: it runs an older version, or is no region";
        String said = body.getString(0, Math.min(body.length(), 500)).strip();
        return peer.getAuthority() + " answers " + status + ": " + said;
    }
}
