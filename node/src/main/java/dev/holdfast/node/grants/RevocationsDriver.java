package dev.holdfast.node.grants;

import dev.holdfast.keys.KeysException;
import dev.holdfast.node.settings.SettingsException;
import dev.holdfast.node.tls.Tls;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares what is revoked with other nodes: at the start, every minute, and at once when a list
 * was taken. Whoever has the newer one gives it to the other, so that one direction is enough, and
 * a list that was handed to an edge while that was cut off comes to the region afterwards. A node
 * that is not reached costs a failed try. Thread-safe.
 */
public final class RevocationsDriver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RevocationsDriver.class);

    private static final Duration PAUSE = Duration.ofMinutes(1);
    private static final Duration CONNECTING = Duration.ofSeconds(10);

    /** A long list over a thin link. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /**
     * Another node.
     *
     * @param name in its certificate, where it is known by that and not by its host
     */
    public record Other(URI address, Optional<String> name) {
        /** One that goes by its host. */
        public static Other at(URI address) {
            return new Other(address, Optional.empty());
        }
    }

    /**
     * How others are reached.
     *
     * @param proxies such as a backbone's doors
     */
    public record Way(Tls tls, Optional<ProxySelector> proxies) {}

    private final Revocations revocations;
    private final Supplier<List<Other>> others;
    private final Way way;
    private final Executor threads;
    private final Semaphore wake = new Semaphore(0);
    private final Thread thread;

    /** By the name in the certificate, if that is what counts. The thread's alone. */
    private final Map<Optional<String>, HttpClient> clients = new HashMap<>();

    /** Those that could not be asked the last time. The thread's alone. */
    private final Set<URI> failed = new HashSet<>();

    private volatile boolean closed;

    private RevocationsDriver(
            Revocations revocations, Supplier<List<Other>> others, Way way, Executor threads) {
        this.revocations = revocations;
        this.others = others;
        this.way = way;
        this.threads = threads;
        this.thread = Thread.ofVirtual().name("revocations").unstarted(this::run);
    }

    /**
     * Begins.
     *
     * @param others may change
     * @param threads runs each task on a virtual thread of its own
     */
    public static RevocationsDriver start(
            Revocations revocations, Supplier<List<Other>> others, Way way, Executor threads) {
        RevocationsDriver driver = new RevocationsDriver(revocations, others, way, threads);
        revocations.onChange(driver::wake);
        driver.thread.start();
        return driver;
    }

    /** Others may be reached that were not before. */
    public void wake() {
        wake.release();
    }

    private void run() {
        try {
            while (!closed) {
                wake.drainPermits();
                List<Other> now = others.get();
                failed.retainAll(now.stream().map(Other::address).toList());
                for (Other other : now) {
                    if (!closed) exchange(other);
                }
                // What woke it is drained before it looks again, so that no news is missed.
                if (!closed && wake.tryAcquire(PAUSE.toMillis(), TimeUnit.MILLISECONDS))
                    wake.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            clients.values().forEach(HttpClient::shutdownNow);
        }
    }

    private void exchange(Other other) throws InterruptedException {
        try {
            compare(other);
            if (failed.remove(other.address()))
                LOG.info("what is revoked is compared with {} again", other.address());
        } catch (IOException | SettingsException | KeysException e) {
            if (failed.add(other.address()))
                LOG.warn(
                        "what is revoked cannot be compared with {}: {}",
                        other.address(),
                        e.toString());
        }
    }

    private void compare(Other other) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(other.address().resolve(RevocationsEndpoint.PATH))
                        .timeout(PATIENCE);
        Optional<SignedRevocations> own = revocations.newest();
        HttpRequest.Builder question = request.copy().GET();
        own.ifPresent(
                mine -> question.header("If-None-Match", RevocationsEndpoint.tag(mine.list())));
        HttpResponse<String> theirs = send(other, question.build());
        switch (theirs.statusCode()) {
            case 200 -> {
                boolean newer = revocations.take(theirs.body(), other.address().toString());
                if (!newer && own.isPresent()) give(other, request, own.get());
            }
            case 204 -> {
                if (own.isPresent()) give(other, request, own.get());
            }
            // The same; or a node of an older version, which knows nothing of it.
            case 304, 404 -> {}
            default -> throw new IOException("it answers " + theirs.statusCode());
        }
    }

    private void give(Other other, HttpRequest.Builder request, SignedRevocations list)
            throws IOException, InterruptedException {
        HttpRequest.BodyPublisher body =
                HttpRequest.BodyPublishers.ofString(list.text(), StandardCharsets.UTF_8);
        HttpResponse<String> answer = send(other, request.copy().PUT(body).build());
        if (answer.statusCode() != 200)
            throw new IOException("it does not take the list: " + answer.statusCode());
    }

    private HttpResponse<String> send(Other other, HttpRequest request)
            throws IOException, InterruptedException {
        return clients.computeIfAbsent(other.name(), this::client)
                .send(
                        request,
                        HttpResponse.BodyHandlers.limiting(
                                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8),
                                SignedRevocations.MAX_BYTES));
    }

    private HttpClient client(Optional<String> name) {
        SSLContext context = name.map(way.tls()::contextFor).orElseGet(way.tls()::clientContext);
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {Tls.VERSION});
        // HTTP/1.1 gives up a connection whose answer is late.
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(CONNECTING)
                        .sslContext(context)
                        .sslParameters(parameters)
                        .executor(threads);
        way.proxies().ifPresent(builder::proxy);
        return builder.build();
    }

    /** Breaks off what is under way: it is done again at the next start. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
