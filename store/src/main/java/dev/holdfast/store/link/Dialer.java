package dev.holdfast.store.link;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;
import okhttp3.ConnectionSpec;
import okhttp3.Dispatcher;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.TlsVersion;
import org.jspecify.annotations.Nullable;

/**
 * Finds a server: endpoints are tried one after the other, each a moment after the one before, and
 * the first to say its challenge is taken (as in RFC 8305, "Happy Eyeballs", across servers). Where
 * a server is reached but no WebSocket is, rounds of posts are used.
 */
final class Dialer implements AutoCloseable {
    private static final String PATH = "v1/sync";

    /**
     * For a host to take a connection: TCP asks after 1, 3 and 7 s, so that over a link that loses
     * much a new question comes sooner than the next of an old one. That costs a busy host nothing;
     * what comes after it gets the whole time of an attempt.
     */
    private static final Duration CONNECT = Duration.ofSeconds(3);

    /** How OkHttp begins to say that a proxy does not reach the server. */
    private static final String NO_TUNNEL = "Unexpected response code for CONNECT";

    private final OkHttpClient client;
    private final CountedSockets sockets = new CountedSockets();
    private final KnownAddresses known;
    private final LinkTimes times;
    private final ExecutorService threads;
    private final Runnable bell;

    /**
     * @param threads runs each task on a thread of its own
     * @param bell rung whenever something arrives on a socket
     */
    Dialer(LinkSettings settings, KnownAddresses known, ExecutorService threads, Runnable bell) {
        this.known = known;
        this.times = settings.times();
        this.threads = threads;
        this.bell = bell;
        ConnectionSpec tls =
                new ConnectionSpec.Builder(ConnectionSpec.RESTRICTED_TLS)
                        .tlsVersions(TlsVersion.TLS_1_3)
                        .build();
        OkHttpClient.Builder builder =
                new OkHttpClient.Builder()
                        .dispatcher(new Dispatcher(threads))
                        .dns(known)
                        .connectionSpecs(List.of(tls))
                        .socketFactory(sockets)
                        .sslSocketFactory(settings.sockets(), settings.trust())
                        .followRedirects(false)
                        .connectTimeout(shorter(CONNECT, times.attempt()))
                        .readTimeout(times.attempt().multipliedBy(4))
                        .writeTimeout(times.attempt().multipliedBy(4))
                        // The server pings. No pong overtakes a long message on a thin link, so
                        // that who lives is told by bytes.
                        // Frames are compressed already.
                        .minWebSocketMessageToCompress(Long.MAX_VALUE);
        settings.proxies().ifPresent(builder::proxySelector);
        client = builder.build();
    }

    /** What a race came to. */
    sealed interface Outcome {
        record Reached(Line line) implements Outcome {}

        record Unreachable(String reason) implements Outcome {}
    }

    /** Tries all endpoints; {@code roundsOnly} where sockets are known not to live. */
    Outcome race(List<URI> endpoints, boolean roundsOnly) throws InterruptedException {
        List<URI> ordered = known.order(endpoints);
        BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
        AtomicBoolean over = new AtomicBoolean();
        List<Future<?>> attempts = new ArrayList<>();
        Outcome last = new Outcome.Unreachable("no endpoint is known");
        try {
            int ended = 0;
            while (ended < ordered.size()) {
                boolean more = attempts.size() < ordered.size();
                if (more) {
                    URI endpoint = ordered.get(attempts.size());
                    attempts.add(
                            threads.submit(() -> attempt(endpoint, roundsOnly, over, outcomes)));
                }
                boolean allStarted = attempts.size() == ordered.size();
                Outcome next =
                        allStarted
                                ? outcomes.take()
                                : outcomes.poll(times.stagger().toNanos(), TimeUnit.NANOSECONDS);
                if (next == null) continue;
                ended++;
                last = next;
                if (next instanceof Outcome.Reached reached) {
                    known.worked(reached.line().endpoint());
                    return next;
                }
            }
            known.failed();
            return last;
        } finally {
            over.set(true);
            for (Future<?> attempt : attempts) attempt.cancel(true);
            for (Outcome late = outcomes.poll(); late != null; late = outcomes.poll()) {
                hangUp(late);
            }
        }
    }

    /** Bytes that came from servers so far. */
    long heardBytes() {
        return sockets.heardBytes();
    }

    @Override
    public void close() {
        client.dispatcher().cancelAll();
        client.connectionPool().evictAll();
    }

    private void attempt(
            URI endpoint, boolean roundsOnly, AtomicBoolean over, BlockingQueue<Outcome> outcomes) {
        Outcome outcome;
        try {
            Line line = dial(endpoint, roundsOnly);
            outcome = new Outcome.Reached(line);
        } catch (IOException e) {
            outcome = new Outcome.Unreachable(endpoint + ": " + words(e));
        } catch (InterruptedException e) {
            outcome = new Outcome.Unreachable(endpoint + ": given up");
        } catch (RuntimeException e) {
            outcome = new Outcome.Unreachable(endpoint + ": " + e);
        }
        outcomes.add(outcome);
        // What comes after the last look into the queue is taken by nobody else.
        if (over.get() && outcomes.remove(outcome)) hangUp(outcome);
    }

    private static void hangUp(Outcome outcome) {
        if (outcome instanceof Outcome.Reached reached) reached.line().close();
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private Line dial(URI endpoint, boolean roundsOnly) throws IOException, InterruptedException {
        Request request = new Request.Builder().url(url(endpoint)).build();
        if (roundsOnly) return RoundLine.open(client, endpoint, request);
        long questions = Math.max(1, times.attempt().dividedBy(CONNECT));
        for (int asked = 1; ; asked++) {
            try {
                return SocketLine.open(client, endpoint, request, times.attempt(), bell);
            } catch (SocketTimeoutException e) {
                // Its host takes no connection; all that comes later has a patience of its own.
                if (asked >= questions) throw e;
            } catch (IOException e) {
                if (isUnreachable(e)) throw e;
                return RoundLine.open(client, endpoint, request);
            }
        }
    }

    /** Where nobody is reached, a post would not be answered either. */
    private static boolean isUnreachable(IOException failure) {
        return failure instanceof ConnectException
                || failure instanceof NoRouteToHostException
                || failure instanceof UnknownHostException
                || failure instanceof SSLException
                || String.valueOf(failure.getMessage()).startsWith(NO_TUNNEL);
    }

    private static HttpUrl url(URI endpoint) throws IOException {
        HttpUrl url = HttpUrl.get(endpoint);
        if (url == null) throw new IOException("no address of a web server");
        return url.newBuilder().addPathSegments(PATH).build();
    }

    static String words(@Nullable Throwable failure) {
        if (failure == null) return "";
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }
}
