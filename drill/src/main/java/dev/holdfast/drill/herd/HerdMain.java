package dev.holdfast.drill.herd;

import dev.holdfast.cli.trust.Deployment;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.drill.clinic.ClinicAuthor;
import dev.holdfast.drill.rings.Devices;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.node.tls.Tls;
import dev.holdfast.store.link.LinkTimes;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.net.TrustOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A herd as a process: devices with a backlog, each a {@link HerdClient}. It makes all that they
 * will push, says {@code ready}, and then takes commands, a line each: {@code come MILLIS} (all
 * connect within so long, each at a moment of its own) and {@code status}, answered by {@code
 * status OPEN MOST_OPEN LOST TRIED_IN_VAIN}. It says what the devices are told in the words of the
 * ledger, and {@code wronged HOW} of what must not be. It ends with its input.
 */
final class HerdMain {
    private final PrintStream out;
    private final Random random;
    private final Vertx vertx = Vertx.vertx();
    private final List<HerdClient> clients = new ArrayList<>();
    private int open;
    private int mostOpen;
    private long lost;
    private long inVain;

    private HerdMain(long seed, PrintStream out) {
        this.random = new Random(seed);
        this.out = out;
    }

    /**
     * Arguments: folder of the deployment, endpoints separated by commas, the prefix of the scopes,
     * devices, devices of a scope, batches of a device, operations of a batch, seed. The devices of
     * one scope are at one endpoint.
     */
    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        Herd herd =
                new Herd(
                        arguments[2],
                        Integer.parseInt(arguments[3]),
                        Integer.parseInt(arguments[4]),
                        Integer.parseInt(arguments[5]),
                        Integer.parseInt(arguments[6]));
        List<URI> endpoints = Stream.of(arguments[1].split(",", -1)).map(URI::create).toList();
        long seed = Long.parseLong(arguments[7]);
        HerdMain main = new HerdMain(seed, out);
        main.gather(Path.of(arguments[0]), endpoints, herd, seed);
        main.say("ready");
        main.listen();
    }

    private void gather(Path folder, List<URI> endpoints, Herd herd, long seed) {
        Deployment deployment = Deployment.open(folder, Entropy.system(), InstantSource.system());
        WebSocketClient sockets =
                vertx.createWebSocketClient(
                        new WebSocketClientOptions()
                                .setMaxConnections(herd.devices())
                                .setSsl(true)
                                .setSslEngineOptions(Tls.engine())
                                .setSslHandshakeTimeout(LinkTimes.DEFAULT.attempt().toSeconds())
                                .setSslHandshakeTimeoutUnit(TimeUnit.SECONDS)
                                .setTrustOptions(
                                        TrustOptions.wrap(
                                                PinnedTrust.load(deployment.caCertificate())
                                                        .trustManager()))
                                .setEnabledSecureTransportProtocols(Set.of(Tls.VERSION)));
        for (int i = 0; i < herd.devices(); i++) {
            int clinic = i / herd.devicesPerScope();
            String scope = herd.scopes() + clinic;
            ReplicaKey key = ReplicaKey.create(Entropy.system());
            SignedGrant grant =
                    deployment.grant(
                            key.publicKey(),
                            herd.scopes() + "device-" + i,
                            Grant.Role.DEVICE,
                            List.of(new Grant.Right(scope, true, Devices.COLLECTIONS)),
                            Rings.VALIDITY,
                            Rings.VALIDITY);
            ClinicAuthor author =
                    new ClinicAuthor(scope, key, seed + i, System.currentTimeMillis());
            List<Batch> batches = new ArrayList<>();
            for (int b = 0; b < herd.batches(); b++)
                batches.add(author.batch(herd.operationsPerBatch()));
            say("reached DEVICE " + key.replica() + " 1 " + batches.getLast().last());
            clients.add(
                    new HerdClient(
                            vertx,
                            sockets,
                            endpoints.get(clinic % endpoints.size()),
                            key,
                            grant,
                            batches,
                            new Random(seed + i),
                            new Teller()));
        }
    }

    private void listen() throws IOException {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line;
        while ((line = in.readLine()) != null) {
            String[] words = line.split(" ", -1);
            if (words[0].equals("come")) come(Long.parseLong(words[1]));
            else status();
        }
        System.exit(0);
    }

    private void come(long millis) {
        for (HerdClient client : clients)
            vertx.setTimer(1 + random.nextLong(millis), _ -> client.come());
    }

    private synchronized void status() {
        say("status " + open + " " + mostOpen + " " + lost + " " + inVain);
    }

    private synchronized void say(String line) {
        out.println(line);
        out.flush();
    }

    private final class Teller implements HerdClient.Listener {
        @Override
        public void reached(Durability level, Span span) {
            say("reached " + level + " " + span.replica() + " " + span.from() + " " + span.to());
        }

        @Override
        public void opened() {
            synchronized (HerdMain.this) {
                open++;
                mostOpen = Math.max(mostOpen, open);
            }
        }

        @Override
        public void lost(boolean wasOpen) {
            synchronized (HerdMain.this) {
                if (wasOpen) {
                    open--;
                    lost++;
                } else {
                    inVain++;
                }
            }
        }

        @Override
        public void wronged(String how) {
            say("wronged " + how);
        }
    }
}
