package dev.holdfast.steer.health;

import dev.holdfast.keys.KeysException;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.node.tls.Tls;
import dev.holdfast.steer.pool.CheckSettings;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Looks at one endpoint, with real connections.
 *
 * <p>A look that has no answer after the time that answers usually take begins another connection
 * beside the first, and the first answer counts, good or bad ("hedged requests", Dean and Barroso
 * 2013). For where packets are lost, what fails is mostly the first packet of a connection, which
 * TCP repeats after a whole second, and an endpoint must not look dead for that: at 30 % loss both
 * ways, about half of all single connections have no answer within a second, but of ten in a row at
 * most one look in fifty. An endpoint that is really slow teaches this class to wait longer, so
 * that it is not asked ten times for being slow. Used by one thread.
 */
final class LookDriver {
    private static final int MOST_CONNECTIONS = 10;
    private static final String[] NODES_TLS = {Tls.VERSION};
    private static final String[] ANY_TLS = {Tls.VERSION, "TLSv1.2"};

    private final Watched watched;
    private final CheckSettings check;
    private final Executor threads;
    private final SSLSocketFactory tls;

    /** How long a connection with a good answer takes, where nothing is lost. */
    private long usualNanos;

    /**
     * @param deployment makes connections that believe the deployment's CA
     * @param threads runs each task on a virtual thread of its own
     * @throws KeysException when the CA that the check names cannot be read
     */
    LookDriver(Watched watched, SSLSocketFactory deployment, Executor threads) {
        this.watched = watched;
        this.check = watched.check();
        this.threads = threads;
        this.tls =
                check.ca()
                        .map(file -> PinnedTrust.load(Path.of(file)).socketFactory())
                        .orElse(deployment);
    }

    /** Takes the check's timeout per address at most. */
    Seen look() throws InterruptedException {
        if (check.kind() == CheckSettings.Kind.NONE) return new Seen.Well(Duration.ZERO);
        long begun = System.nanoTime();
        Seen seen = watched.name().isPresent() ? race(watched.name().get()) : addresses();
        return seen instanceof Seen.Well
                ? new Seen.Well(Duration.ofNanos(System.nanoTime() - begun))
                : seen;
    }

    /** Less is believed at once: what takes longer may have been lost and sent again. */
    private void took(long nanos) {
        boolean less = usualNanos == 0 || nanos < usualNanos;
        usualNanos = less ? nanos : usualNanos + (nanos - usualNanos) / 8;
    }

    /** All of them must be well, since users are told all of them. */
    private Seen addresses() throws InterruptedException {
        Seen seen = new Seen.Failed("it has no address");
        for (String address : watched.addresses()) {
            seen = race(address);
            if (seen instanceof Seen.Failed(String reason) && watched.addresses().size() > 1)
                return new Seen.Failed(address + ": " + reason);
            if (seen instanceof Seen.Failed) return seen;
        }
        return seen;
    }

    /** Connections begun one after another until one has an answer, or the time is over. */
    private Seen race(String host) throws InterruptedException {
        long timeout = check.timeout().toNanos();
        long begun = System.nanoTime();
        long apart = Math.max(timeout / MOST_CONNECTIONS, usualNanos);
        BlockingQueue<Seen> answers = new ArrayBlockingQueue<>(MOST_CONNECTIONS);
        List<Connection> connections = new ArrayList<>();
        try {
            while (true) {
                if (connections.size() < MOST_CONNECTIONS) {
                    Connection connection = new Connection(host, answers);
                    connections.add(connection);
                    threads.execute(connection);
                }
                long left = timeout - (System.nanoTime() - begun);
                Seen answer =
                        answers.poll(Math.min(apart, Math.max(left, 0)), TimeUnit.NANOSECONDS);
                if (answer instanceof Seen.Well(Duration took)) took(took.toNanos());
                if (answer != null) return answer;
                if (left <= apart)
                    return new Seen.Failed("no answer within " + text(check.timeout()));
            }
        } finally {
            connections.forEach(Connection::close);
        }
    }

    private static String text(Duration time) {
        return time.toMillis() % 1_000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }

    /** One connection, and what is asked over it. Whoever began it ends it by closing. */
    private final class Connection implements Runnable {
        private final String host;
        private final BlockingQueue<Seen> answers;
        private final Socket socket = new Socket();

        Connection(String host, BlockingQueue<Seen> answers) {
            this.host = host;
            this.answers = answers;
        }

        @Override
        public void run() {
            answers.offer(seen());
            close();
        }

        private Seen seen() {
            long begun = System.nanoTime();
            try {
                Optional<String> failure = judged();
                return failure.isPresent()
                        ? new Seen.Failed(failure.get())
                        : new Seen.Well(Duration.ofNanos(System.nanoTime() - begun));
            } catch (IOException | RuntimeException e) {
                return new Seen.Failed(words(e));
            }
        }

        /** Why it is not well; empty where it is. */
        private Optional<String> judged() throws IOException {
            // A name's address may change, so it is looked up each time; an address is not.
            InetAddress address = InetAddress.getByName(host);
            int millis = (int) check.timeout().toMillis();
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(address, watched.port()), millis);
            socket.setSoTimeout(millis);
            return switch (check.kind()) {
                case NONE, TCP -> Optional.empty();
                case TLS -> {
                    secured(ANY_TLS);
                    yield Optional.empty();
                }
                case HTTP -> http(ask(socket, check.path(), check.body().isPresent()));
                case HTTPS -> http(ask(secured(ANY_TLS), check.path(), check.body().isPresent()));
                case READY ->
                        Readiness.failure(ask(secured(NODES_TLS), "/readyz", true), check.maxLag());
            };
        }

        private SSLSocket secured(String[] versions) throws IOException {
            String name = check.host().orElse(host);
            SSLSocket secured = (SSLSocket) tls.createSocket(socket, name, watched.port(), false);
            SSLParameters parameters = secured.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            parameters.setProtocols(versions);
            secured.setSSLParameters(parameters);
            secured.startHandshake();
            return secured;
        }

        private Answer ask(Socket over, String path, boolean wantsBody) throws IOException {
            String name = check.host().orElse(host.contains(":") ? "[" + host + "]" : host);
            String request =
                    "GET "
                            + path
                            + " HTTP/1.1\r\nHost: "
                            + name
                            + ":"
                            + watched.port()
                            + "\r\nUser-Agent: holdfast-steer\r\nAccept: */*\r\n"
                            + "Connection: close\r\n\r\n";
            over.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            over.getOutputStream().flush();
            InputStream in = over.getInputStream();
            return Answer.read(new BufferedInputStream(in), wantsBody);
        }

        private Optional<String> http(Answer answer) {
            if (answer.status() != check.status())
                return Optional.of("it answers " + answer.status() + ", not " + check.status());
            return check.body()
                    .filter(wanted -> !answer.body().contains(wanted))
                    .map(wanted -> "its answer does not contain \"" + wanted + "\"");
        }

        void close() {
            try {
                socket.close();
            } catch (IOException e) {
                // It is of no use any more, whatever became of it.
            }
        }
    }

    private static String words(Exception e) {
        String said = String.valueOf(e.getMessage());
        return switch (e) {
            case NoRouteToHostException _ -> "no way there: " + said;
            case ConnectException _ -> "no connection: " + said;
            case UnknownHostException _ -> "its name has no address: " + said;
            case SSLException _ -> "no TLS: " + said;
            case IOException _ -> said;
            default -> e.getClass().getSimpleName() + ": " + said;
        };
    }
}
