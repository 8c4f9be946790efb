package dev.holdfast.edge;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.schema.View;
import dev.holdfast.keys.DurableFile;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeyFile;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.grants.Bearer;
import dev.holdfast.node.http.HttpSettings;
import dev.holdfast.node.tls.Authority;
import dev.holdfast.store.ReplicaStore;
import dev.holdfast.store.StoreSettings;
import dev.holdfast.store.link.Link;
import dev.holdfast.store.link.LinkListener;
import dev.holdfast.store.link.LinkSettings;
import dev.holdfast.store.link.LinkTimes;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A deployment in a folder: its authority, an edge's keys, devices with real stores and links. */
final class Clinic {
    static final String SCOPE = "clinic-7";
    static final Entropy ENTROPY = Entropy.system();
    static final InstantSource CLOCK = InstantSource.system();

    final Path folder;
    final Authority authority;
    final Path node;

    Clinic(Path folder) {
        this.folder = folder;
        authority = Authority.create(folder.resolve("keys"), "test", ENTROPY, CLOCK);
        node = folder.resolve("edge-1");
        ReplicaKey key = new KeyFile(node.resolve("replica.key")).loadOrCreate(ENTROPY);
        authority
                .issue("edge-1", List.of("localhost", "127.0.0.1"), Duration.ofDays(30))
                .write(node);
        write(node.resolve(Authority.CA_CERTIFICATE), authority.certificatePem());
        write(node.resolve("grants.pub"), authority.grantKey().publicKey().hex() + "\n");
        SignedGrant grant = nodeGrant(key, "edge-1");
        write(node.resolve("grant"), token(grant) + "\n");
    }

    EdgeSettings settings() {
        return EdgeSettings.of(
                folder.resolve("edge-data"), node, HttpSettings.at("127.0.0.1", 0), List.of());
    }

    EdgeNode start() throws Exception {
        return EdgeMain.start(settings());
    }

    /**
     * A grant for everything in every scope, over since yesterday where {@code days} is below 0.
     */
    static SignedGrant grant(ReplicaKey by, Bytes publicKey, Grant.Role role, int days) {
        return grant(by, publicKey, "somebody", role, days);
    }

    SignedGrant nodeGrant(ReplicaKey key, String subject) {
        return grant(authority.grantKey(), key.publicKey(), subject, Grant.Role.EDGE, 30);
    }

    private static SignedGrant grant(
            ReplicaKey by, Bytes publicKey, String subject, Grant.Role role, int days) {
        long now = CLOCK.millis();
        long day = Duration.ofDays(1).toMillis();
        return sign(
                by,
                new Grant(
                        publicKey,
                        subject,
                        role,
                        List.of(new Grant.Right(Grant.ANY, true, List.of(Grant.ANY))),
                        now - 100 * day,
                        now + days * day,
                        0));
    }

    static SignedGrant sign(ReplicaKey by, Grant grant) {
        return SignedGrant.of(grant, by.sign(SignedGrant.signedText(grant)));
    }

    static String token(SignedGrant grant) {
        return Bearer.header(grant.encoded()).substring("Bearer ".length());
    }

    Device device(String name, URI edge) {
        return device(
                ReplicaStore.open(
                        StoreSettings.device(folder.resolve(name), Schema.EMPTY), ENTROPY),
                edge);
    }

    /** A device on a store that is open already. */
    Device device(ReplicaStore store, URI edge) {
        SignedGrant grant =
                grant(authority.grantKey(), store.key().publicKey(), Grant.Role.DEVICE, 30);
        return new Device(store, grant, edge);
    }

    PinnedTrust trust() {
        return PinnedTrust.load(node.resolve(Authority.CA_CERTIFICATE));
    }

    /** A device that holds {@link #SCOPE}. */
    final class Device implements AutoCloseable {
        final ReplicaStore store;
        final Link link;

        Device(ReplicaStore store, SignedGrant grant, URI edge) {
            this.store = store;
            store.write(tables -> {
                tables.putGrant(grant);
                return true;
            });
            LinkTimes quick =
                    new LinkTimes(
                            Duration.ofSeconds(5),
                            Duration.ofMillis(50),
                            Duration.ofSeconds(45),
                            Duration.ofMillis(20),
                            Duration.ofMillis(200),
                            Duration.ofMillis(50),
                            Duration.ofMillis(200),
                            Duration.ofSeconds(1));
            link =
                    Link.open(
                            store,
                            LinkSettings.device(
                                            List.of(edge),
                                            trust(),
                                            Set.of(authority.grantKey().publicKey()))
                                    .withTimes(quick),
                            new Verifier(),
                            CLOCK,
                            ENTROPY,
                            LinkListener.NOBODY);
            link.follow(SCOPE);
        }

        void put(String id, String field, Value value) {
            change(id, new Change.Put(field, value));
        }

        void put(String scope, String id, String field, Value value) {
            change(scope, id, new Change.Put(field, value));
        }

        void change(String id, Change change) {
            change(SCOPE, id, change);
        }

        private void change(String scope, String id, Change change) {
            store.write(tables ->
                    store.author(tables)
                            .write(
                                    scope,
                                    Map.of(patient(id), List.of(change)),
                                    null,
                                    CLOCK.millis()));
        }

        Value.Map shown(String id) {
            return store.read(tables ->
                    View.of(tables.document(SCOPE, patient(id)), Schema.Collection.DEFAULT)
                            .fields());
        }

        /** How far the own operations on the document have got at least. */
        Durability durability(String id) {
            return store.read(tables -> tables.pending(SCOPE, patient(id)))
                    .orElse(Durability.APPLIED);
        }

        @Override
        public void close() {
            link.close();
            store.close();
        }
    }

    static DocumentId patient(String id) {
        return new DocumentId("patients", id);
    }

    /** Waits for a condition; long, since builds run on busy machines. */
    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(90).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) throw new AssertionError("never: " + what);
            LockSupport.parkNanos(2_000_000);
        }
    }

    static void write(Path file, String text) {
        DurableFile.write(
                file, text.getBytes(StandardCharsets.UTF_8), DurableFile.Readers.EVERYBODY);
    }

    HttpClient http() {
        return HttpClient.newBuilder().sslContext(trust().context()).build();
    }

    static HttpResponse<String> send(HttpClient client, HttpRequest.Builder request)
            throws Exception {
        return client.send(
                request.timeout(Duration.ofSeconds(30)).build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
