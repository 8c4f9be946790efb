package dev.holdfast.edge;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.MemoryStore;
import dev.holdfast.core.replica.Opening;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.Verdict;
import dev.holdfast.core.sync.Intake;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.Session;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.grants.GrantBook;
import dev.holdfast.node.grants.Revocations;
import dev.holdfast.node.grants.RevocationsEndpoint;
import dev.holdfast.node.http.HttpNode;
import dev.holdfast.node.http.HttpSettings;
import dev.holdfast.node.http.Router;
import dev.holdfast.node.sync.Backend;
import dev.holdfast.node.sync.Hub;
import dev.holdfast.node.sync.SyncEndpoint;
import dev.holdfast.node.sync.SyncSettings;
import dev.holdfast.node.tls.Tls;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A region whose log and database are memory, and that says APPLIED when it is told to. */
final class TestRegion implements Backend, AutoCloseable {
    private final MemoryStore store = MemoryStore.durable();
    private final ReplicaKey key = ReplicaKey.create(Clinic.ENTROPY);
    private final SignedGrant grant;
    private final Session.Server server;
    private final Hub hub = new Hub();

    /** What it knows to be revoked. */
    final Revocations revocations;

    private final Vertx vertx = Vertx.vertx();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpNode http;

    TestRegion(Clinic clinic) throws Exception {
        grant = Clinic.grant(clinic.authority.grantKey(), key.publicKey(), Grant.Role.REGION, 1);
        server =
                new Session.Server(
                        grant, Set.of(clinic.authority.grantKey().publicKey()), Durability.REGION);
        Set<Bytes> authorities = server.authorities();
        revocations =
                Revocations.open(clinic.folder.resolve("region-data"), authorities, new Verifier());
        PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Router router = new Router();
        new SyncEndpoint(
                        this,
                        hub,
                        SyncSettings.DEFAULT,
                        new Verifier(),
                        revocations,
                        meters,
                        Clinic.CLOCK,
                        Clinic.ENTROPY,
                        threads)
                .register(router);
        GrantBook grants =
                new GrantBook(
                        List.copyOf(authorities), new Verifier(), Grant.Role.REGION, revocations);
        new RevocationsEndpoint(revocations, grants, Clinic.CLOCK).register(router);
        Tls tls =
                new Tls(
                        clinic.authority.issue(
                                "region-1", List.of("localhost"), Duration.ofDays(1)),
                        clinic.trust());
        http =
                HttpNode.start(
                        vertx,
                        HttpSettings.at("127.0.0.1", 0),
                        tls,
                        router,
                        meters,
                        Clinic.ENTROPY,
                        threads);
    }

    URI address() {
        return URI.create("https://localhost:" + http.port());
    }

    /** Says that all it has of {@code replica} is applied. */
    void apply(ReplicaId replica) {
        apply(Clinic.SCOPE, replica);
    }

    synchronized Set<String> scopes() {
        return Set.copyOf(store.read(tables -> tables.scopes()));
    }

    void apply(String scope, ReplicaId replica) {
        Receipt receipt;
        synchronized (this) {
            receipt =
                    store.read(tables -> {
                        Span span = Opening.whole(tables, scope, replica, 1);
                        return new Receipt(
                                key.replica(),
                                scope,
                                Durability.APPLIED,
                                Clinic.CLOCK.millis(),
                                span == null ? List.of() : List.of(span));
                    });
        }
        hub.marked(new Message.Watermark(grant, receipt.signed(sign(receipt.signedText()))));
    }

    void refuse(Rejection rejection) {
        Verdict verdict = Verdict.signed(key.replica(), rejection, this::sign);
        hub.refused(new Message.Reject(grant, verdict));
    }

    @Override
    public Session.Server server() {
        return server;
    }

    @Override
    public synchronized Session.Event.Looked looked(Message.Subscribe ask) {
        Session.Event.Looked looked =
                store.read(tables ->
                        new Intake(tables, key.replica(), Durability.APPLIED)
                                .look(ask, Clinic.CLOCK.millis()));
        // What it has of the pending is told by the receipt of the push here.
        return new Session.Event.Looked(
                looked.scope(), looked.opening(), List.of(), List.of(), List.of(), List.of());
    }

    @Override
    public synchronized Session.Event.Kept keep(Session.Action.Keep keep) {
        Session.Event.Kept kept =
                store.write(tables ->
                        new Intake(tables, key.replica(), Durability.APPLIED)
                                .keep(keep, Clinic.CLOCK.millis()));
        hub.grew(keep.scope(), store.read(tables -> tables.feedHead(keep.scope())));
        return kept;
    }

    @Override
    public synchronized Session.Event.FeedRead read(Session.Action.ReadFeed read) {
        return store.read(tables -> Intake.read(tables, read));
    }

    @Override
    public Bytes sign(Bytes text) {
        return key.sign(text);
    }

    @Override
    public void close() {
        http.close();
        threads.shutdown();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
