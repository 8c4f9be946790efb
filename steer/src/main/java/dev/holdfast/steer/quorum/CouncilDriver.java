package dev.holdfast.steer.quorum;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.keys.KeysException;
import dev.holdfast.node.tls.Tls;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLParameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a {@link Council} decide, and exchanges gossip with each of the other nodes: every second,
 * and at once when something has changed. An exchange goes both ways, so that one direction is
 * enough where the other is blocked. Thread-safe.
 */
public final class CouncilDriver implements AutoCloseable {
    /** Where a node is told what others know; it answers with what it knows. */
    public static final String PATH = "/v1/steer/gossip";

    /** The longest that one node tells another. */
    public static final int MOST_BYTES = 4 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(CouncilDriver.class);

    private static final Duration EXCHANGE = Duration.ofSeconds(1);
    private static final Duration DECIDE = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** Is told what has changed. */
    public interface Listener {
        /** Decided otherwise than before. */
        void decided(List<Decided.Change> changes);

        /** An operator said so at another node. */
        void heard(Drain word);
    }

    private final Council council;
    private final Supplier<Council.Matter> matter;
    private final Listener listener;
    private final InstantSource clock;
    private final List<Turn> turns = new ArrayList<>();

    /** A thread that does something again and again, and sooner when it is woken. */
    private abstract static class Turn implements Runnable {
        private final Duration pause;
        private final Semaphore wake = new Semaphore(0);
        private volatile boolean closed;

        Turn(Duration pause) {
            this.pause = pause;
        }

        abstract void once() throws InterruptedException;

        void wake() {
            wake.release();
        }

        void close() {
            closed = true;
            wake();
        }

        @Override
        public void run() {
            try {
                while (!closed) {
                    once();
                    if (wake.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS))
                        wake.drainPermits();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private CouncilDriver(
            Council council,
            Supplier<Council.Matter> matter,
            Listener listener,
            InstantSource clock) {
        this.council = council;
        this.matter = matter;
        this.listener = listener;
        this.clock = clock;
    }

    /**
     * Decides once, and then begins.
     *
     * @param peers where the other nodes are, by the names in their certificates
     * @param threads runs each task on a virtual thread of its own
     */
    public static CouncilDriver start(
            Council council,
            Supplier<Council.Matter> matter,
            Map<String, URI> peers,
            Tls tls,
            Listener listener,
            InstantSource clock,
            Executor threads) {
        CouncilDriver driver = new CouncilDriver(council, matter, listener, clock);
        driver.decide();
        driver.turns.add(
                new Turn(DECIDE) {
                    @Override
                    void once() {
                        driver.decide();
                    }
                });
        peers.forEach((name, address) ->
                driver.turns.add(driver.new Exchange(name, address, tls, threads)));
        driver.turns.forEach(threads::execute);
        return driver;
    }

    /** Something has changed that all should know soon. */
    public void wake() {
        turns.forEach(Turn::wake);
    }

    /**
     * Takes in what another node told, and answers it.
     *
     * @throws KeysException when what operators said cannot be kept
     */
    public Gossip exchange(Gossip told) {
        hear(told);
        return council.gossip(clock.instant());
    }

    private void hear(Gossip told) {
        List<Drain> news = council.hear(told, clock.instant());
        news.forEach(listener::heard);
        if (news.isEmpty()) decide();
        else wake();
    }

    private void decide() {
        List<Decided.Change> changes = council.decide(matter.get(), clock.instant());
        if (!changes.isEmpty()) listener.decided(changes);
    }

    @Override
    public void close() {
        turns.forEach(Turn::close);
    }

    /** What goes to and fro with one other node. */
    private final class Exchange extends Turn {
        private final String peer;
        private final HttpClient client;
        private final HttpRequest.Builder request;
        private boolean failed;

        Exchange(String peer, URI address, Tls tls, Executor threads) {
            super(EXCHANGE);
            this.peer = peer;
            SSLParameters parameters = new SSLParameters();
            parameters.setProtocols(new String[] {Tls.VERSION});
            // HTTP/1.1 gives up a connection whose answer is late; TCP, on one that is kept, would
            // wait for minutes after a cut is healed.
            this.client =
                    HttpClient.newBuilder()
                            .version(HttpClient.Version.HTTP_1_1)
                            .connectTimeout(PATIENCE)
                            .sslContext(tls.contextFor(peer))
                            .sslParameters(parameters)
                            .executor(threads)
                            .build();
            this.request =
                    HttpRequest.newBuilder(address.resolve(PATH))
                            .header("Content-Type", "application/json")
                            .timeout(PATIENCE);
        }

        @Override
        void once() throws InterruptedException {
            byte[] told = GossipJson.print(council.gossip(clock.instant()));
            try {
                HttpResponse<byte[]> answer =
                        client.send(
                                request.POST(HttpRequest.BodyPublishers.ofByteArray(told)).build(),
                                HttpResponse.BodyHandlers.limiting(
                                        HttpResponse.BodyHandlers.ofByteArray(), MOST_BYTES));
                if (answer.statusCode() != 200)
                    throw new IOException("it answers " + answer.statusCode());
                hear(GossipJson.parse(Bytes.wrap(answer.body())));
                if (failed) LOG.info("{} is heard again", peer);
                failed = false;
            } catch (IOException | MalformedException | KeysException e) {
                if (!failed) LOG.warn("{} is not heard: {}", peer, e.toString());
                failed = true;
            }
        }

        @Override
        void close() {
            super.close();
            client.shutdownNow();
        }
    }
}
