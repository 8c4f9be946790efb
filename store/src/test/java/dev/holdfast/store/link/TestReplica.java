package dev.holdfast.store.link;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.replica.Heard;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.Verdict;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.schema.View;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Verifier;
import dev.holdfast.store.ReplicaStore;
import dev.holdfast.store.StoreSettings;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import okhttp3.Dns;
import org.jspecify.annotations.Nullable;

/** A device's store with its link, for tests. */
final class TestReplica implements AutoCloseable {
    static final String SCOPE = "clinic-7";
    static final Schema SCHEMA =
            Schema.parse("{\"patients\": {\"fields\": {\"visits\": {\"kind\": \"counter\"}}}}");
    static final LinkTimes TIMES =
            new LinkTimes(
                    Duration.ofSeconds(5),
                    Duration.ofMillis(250),
                    Duration.ofSeconds(45),
                    Duration.ofMillis(20),
                    Duration.ofMillis(100),
                    Duration.ofMillis(20),
                    Duration.ofMillis(100),
                    Duration.ofMillis(500));

    final ReplicaStore store;
    final InstantSource clock;
    final Queue<Rejection> rejections = new ConcurrentLinkedQueue<>();
    final Queue<Receipt> believed = new ConcurrentLinkedQueue<>();
    private final Entropy entropy;
    private final Bytes authority;
    private @Nullable Link link;

    TestReplica(Path folder, ReplicaKey authority, InstantSource clock, long seed) {
        this.clock = clock;
        this.authority = authority.publicKey();
        entropy = entropy(seed);
        store = ReplicaStore.open(StoreSettings.device(folder, SCHEMA), entropy);
    }

    static Entropy entropy(long seed) {
        Random random = new Random(seed);
        return count -> {
            byte[] bytes = new byte[count];
            synchronized (random) {
                random.nextBytes(bytes);
            }
            return Bytes.wrap(bytes);
        };
    }

    TestReplica enrolled(ReplicaKey by) {
        SignedGrant grant =
                TestServer.grant(
                        by, store.key().publicKey(), Grant.Role.DEVICE, clock.millis(), "amina");
        store.write(tables -> {
            tables.putGrant(grant);
            return true;
        });
        return this;
    }

    TestReplica linked(URI... endpoints) {
        return linked(Dns.SYSTEM, endpoints);
    }

    TestReplica linked(Dns resolver, URI... endpoints) {
        return linked(resolver, List.of(), endpoints);
    }

    TestReplica linked(Dns resolver, List<InetSocketAddress> nameServers, URI... endpoints) {
        LinkSettings settings =
                LinkSettings.device(List.of(endpoints), TestServer.trust(), Set.of(authority))
                        .withTimes(TIMES)
                        .withNameServers(nameServers);
        LinkListener listener =
                new LinkListener() {
                    @Override
                    public void rejected(Verdict verdict, SignedGrant signer) {
                        rejections.add(verdict.rejection());
                    }

                    @Override
                    public void believed(Receipt.Signed receipt, SignedGrant signer) {
                        believed.add(receipt.receipt());
                    }
                };
        link = Link.open(store, settings, new Verifier(), resolver, clock, entropy, listener);
        link.follow(SCOPE);
        return this;
    }

    static Dns noDns() {
        return host -> {
            throw new UnknownHostException(host);
        };
    }

    /** How safe all that a patient's document shows is known to be. */
    Durability reached(String id) {
        DocumentId document = new DocumentId("patients", id);
        return store.read(tables ->
                new Heard(tables, SCOPE)
                        .ofAll(tables.document(SCOPE, document), Set.of(tables.replica())));
    }

    Link link() {
        Link open = link;
        if (open == null) throw new IllegalStateException("not linked");
        return open;
    }

    static DocumentId patient(String id) {
        return new DocumentId("patients", id);
    }

    void put(String id, String field, Value value) {
        write(id, new Change.Put(field, value));
    }

    void visit(String id) {
        visits(id, 1);
    }

    void visits(String id, long by) {
        write(id, new Change.Increment("visits", by));
    }

    private void write(String id, Change change) {
        store.write(tables ->
                store.author(tables)
                        .write(SCOPE, Map.of(patient(id), List.of(change)), null, clock.millis()));
    }

    @Nullable Value shown(String id, String field) {
        return store.read(tables ->
                View.of(tables.document(SCOPE, patient(id)), SCHEMA.collection("patients"))
                        .fields()
                        .fields()
                        .get(field));
    }

    /** Empty once it is given up as durable enough. */
    Optional<Durability> durability(String id) {
        return store.read(tables -> tables.pending(SCOPE, patient(id)));
    }

    void awaitShown(String id, String field, Value value) {
        Await.until(
                () -> value.equals(shown(id, field)),
                () -> field + " is " + shown(id, field) + ", not " + value + "; " + state());
    }

    void awaitDurability(String id, Durability level) {
        Await.until(
                () -> durability(id).map(now -> now.reaches(level)).orElse(true),
                () -> id + " is " + durability(id) + ", not " + level + "; " + state());
    }

    LinkStatus.Connected awaitConnected() {
        Await.until(() -> link().status() instanceof LinkStatus.Connected, this::state);
        return link().status() instanceof LinkStatus.Connected connected
                ? connected
                : awaitConnected();
    }

    void awaitReason(String words) {
        Await.until(
                () ->
                        link().status() instanceof LinkStatus.Disconnected disconnected
                                && disconnected.reason().contains(words),
                this::state);
    }

    void unlink() {
        Link open = link;
        link = null;
        if (open != null) open.close();
    }

    private String state() {
        return String.valueOf(link().status());
    }

    @Override
    public void close() {
        unlink();
        store.close();
    }
}
