package dev.holdfast.node.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.BatchBody;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Transaction;
import dev.holdfast.core.sync.Message;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.grants.GrantBook;
import dev.holdfast.node.grants.Revocations;
import dev.holdfast.node.grants.RevocationsEndpoint;
import dev.holdfast.node.http.HttpNode;
import dev.holdfast.node.http.HttpSettings;
import dev.holdfast.node.http.Router;
import dev.holdfast.node.tls.Authority;
import dev.holdfast.node.tls.Identity;
import dev.holdfast.node.tls.Tls;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A node with sessions over a real TLS listener, and those who may talk to it. */
final class Fixture implements AutoCloseable {
    static final long NOW = 1_800_000_000_000L;
    static final String SCOPE = "clinic-7";

    private static final long DAY = 86_400_000;

    final ReplicaKey grants = ReplicaKey.create(Entropy.system());
    final MemoryBackend backend;
    final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    final Revocations revocations;
    final SyncEndpoint sync;
    final HttpNode http;
    final PinnedTrust trust;
    final Tls node;

    private final Vertx vertx = Vertx.vertx();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    Fixture(Path folder, SyncSettings settings) throws Exception {
        Authority authority =
                Authority.create(folder, "test", Entropy.system(), InstantSource.system());
        trust = PinnedTrust.load(folder.resolve(Authority.CA_CERTIFICATE));
        Identity identity = authority.issue("edge-1", List.of("localhost"), Duration.ofDays(1));
        node = new Tls(identity, trust);
        ReplicaKey key = ReplicaKey.create(Entropy.system());
        backend =
                new MemoryBackend(
                        key, grant(grants, key, Grant.Role.EDGE, 1), Set.of(grants.publicKey()));
        revocations = Revocations.open(folder, Set.of(grants.publicKey()), new Verifier());
        sync =
                new SyncEndpoint(
                        backend,
                        backend.hub,
                        settings,
                        new Verifier(),
                        revocations,
                        meters,
                        InstantSource.fixed(Instant.ofEpochMilli(NOW)),
                        Entropy.system(),
                        threads);
        Router router = new Router();
        sync.register(router);
        new RevocationsEndpoint(
                        revocations,
                        new GrantBook(
                                List.of(grants.publicKey()),
                                new Verifier(),
                                Grant.Role.EDGE,
                                revocations),
                        InstantSource.fixed(Instant.ofEpochMilli(NOW)))
                .register(router);
        http =
                HttpNode.start(
                        vertx,
                        HttpSettings.at("127.0.0.1", 0),
                        node,
                        router,
                        meters,
                        Entropy.system(),
                        threads);
    }

    /** A device's key with a grant that counts. */
    record Device(ReplicaKey key, SignedGrant grant) {}

    Device device() {
        ReplicaKey key = ReplicaKey.create(Entropy.system());
        return new Device(key, grant(grants, key, Grant.Role.DEVICE, 1));
    }

    /** For two scopes, from long ago for so many days from now. */
    static SignedGrant grant(ReplicaKey by, ReplicaKey holder, Grant.Role role, int days) {
        return grant(by, holder, "somebody", role, days);
    }

    static SignedGrant grant(
            ReplicaKey by, ReplicaKey holder, String subject, Grant.Role role, int days) {
        Grant grant =
                new Grant(
                        holder.publicKey(),
                        subject,
                        role,
                        List.of(
                                new Grant.Right(SCOPE, true, List.of(Grant.ANY)),
                                new Grant.Right("elsewhere", true, List.of(Grant.ANY))),
                        NOW - 100 * DAY,
                        NOW + days * DAY,
                        0);
        return SignedGrant.of(grant, by.sign(SignedGrant.signedText(grant)));
    }

    /** Batches that follow each other, of {@code each} operations. */
    static List<Batch> batches(ReplicaKey key, int count, int each) {
        List<Batch> batches = new ArrayList<>();
        Bytes previous = Bytes.EMPTY;
        long seq = 1;
        for (int i = 0; i < count; i++) {
            List<Operation> operations = new ArrayList<>();
            long first = seq;
            for (int o = 0; o < each; o++, seq++) {
                operations.add(
                        new Operation(
                                new Dot(key.replica(), seq),
                                Hlc.of(NOW, (int) seq),
                                "patients",
                                "p" + seq,
                                List.of(
                                        Edit.put(
                                                Key.register("name"),
                                                Value.of("n" + seq),
                                                List.of()))));
            }
            Batch.Draft draft =
                    Batch.draft(
                            new BatchBody(
                                    SCOPE,
                                    key.replica(),
                                    first,
                                    previous,
                                    List.of(new Transaction(null, operations))));
            previous = draft.hash();
            batches.add(draft.signed(key.sign(draft.signedText())));
        }
        return batches;
    }

    /** One of nearly a mebibyte that does not compress. */
    static Batch largeBatch(ReplicaKey key, Random random) {
        byte[] noise = new byte[480 << 10];
        random.nextBytes(noise);
        List<Edit> edits =
                List.of(
                        Edit.put(Key.register("a"), Value.of(Bytes.copyOf(noise)), List.of()),
                        Edit.put(Key.register("b"), Value.of(Bytes.copyOf(noise)), List.of()));
        Operation operation =
                new Operation(new Dot(key.replica(), 1), Hlc.of(NOW, 0), "scans", "s", edits);
        Batch.Draft draft =
                Batch.draft(
                        new BatchBody(
                                SCOPE,
                                key.replica(),
                                1,
                                Bytes.EMPTY,
                                List.of(new Transaction(null, List.of(operation)))));
        return draft.signed(key.sign(draft.signedText()));
    }

    static Message.Subscribe subscribe(String scope) {
        return new Message.Subscribe(scope, null, Bytes.EMPTY, new Context(), Intervals.NONE);
    }

    static Message.Push push(Batch... batches) {
        return new Message.Push(SCOPE, List.of(), List.of(batches), List.of());
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("https://localhost:" + http.port() + path))
                .timeout(Duration.ofSeconds(60));
    }

    URI uri(String scheme) {
        return URI.create(scheme + "://localhost:" + http.port() + SyncEndpoint.PATH);
    }

    double figure(String name, String... tags) {
        var gauge = meters.find(name).tags(tags).gauge();
        if (gauge != null) return gauge.value();
        var counter = meters.find(name).tags(tags).counter();
        return counter == null ? 0 : counter.count();
    }

    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) throw new AssertionError("never: " + what);
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public void close() {
        http.close();
        threads.shutdown();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
