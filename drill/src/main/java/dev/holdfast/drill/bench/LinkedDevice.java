package dev.holdfast.drill.bench;

import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.AuthorState;
import dev.holdfast.drill.clinic.ClinicData;
import dev.holdfast.drill.clinic.ClinicWrite;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.keys.Verifier;
import dev.holdfast.store.ReplicaStore;
import dev.holdfast.store.StoreSettings;
import dev.holdfast.store.link.Link;
import dev.holdfast.store.link.LinkListener;
import dev.holdfast.store.link.LinkSettings;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** A device's real store and link, joined to an edge. Written by one thread. */
final class LinkedDevice implements AutoCloseable {
    /** Hears of own operations that the edge has made durable. */
    interface EdgeReceipt {
        void reached(long from, long to);
    }

    private final String scope;
    private final ReplicaStore store;
    private final Link link;
    private volatile Consumer<Set<DocumentId>> documents = changed -> {};
    private volatile EdgeReceipt receipts = (from, to) -> {};

    private LinkedDevice(EdgeChild edge, ReplicaStore store, String scope) {
        this.scope = scope;
        this.store = store;
        var _ = store.listen(committed -> documents.accept(committed.documents()));
        LinkSettings settings =
                LinkSettings.device(
                        List.of(edge.address()),
                        PinnedTrust.load(edge.deployment().caCertificate()),
                        Set.of(edge.deployment().grantsPublicKey()));
        link =
                Link.open(
                        store,
                        settings,
                        new Verifier(),
                        InstantSource.system(),
                        Entropy.system(),
                        new LinkListener() {
                            @Override
                            public void believed(Receipt.Signed receipt, SignedGrant signer) {
                                heard(receipt.receipt());
                            }
                        });
        link.follow(scope);
    }

    static LinkedDevice join(EdgeChild edge, Path folder, String name, String scope) {
        ReplicaStore store =
                ReplicaStore.open(
                        StoreSettings.device(folder.resolve(name), ClinicData.SCHEMA),
                        Entropy.system());
        SignedGrant grant = edge.grant(store.key(), name, scope);
        store.write(tables -> {
            tables.putGrant(grant);
            return true;
        });
        return new LinkedDevice(edge, store, scope);
    }

    void onDocuments(Consumer<Set<DocumentId>> listener) {
        documents = listener;
    }

    void onEdgeReceipt(EdgeReceipt listener) {
        receipts = listener;
    }

    /** The sequence number of the next operation. */
    long nextSeq() {
        AuthorState state = store.read(tables -> tables.author(scope));
        return state == null ? 1 : state.nextSeq();
    }

    /** Returns once it is flushed here. */
    void write(ClinicWrite write, long nowMillis) {
        store.write(tables ->
                store.author(tables)
                        .write(scope, Map.of(write.document(), write.changes()), null, nowMillis));
    }

    private void heard(Receipt receipt) {
        if (receipt.level() != Durability.EDGE) return;
        for (Span span : receipt.spans()) {
            if (span.replica().equals(store.key().replica()))
                receipts.reached(span.from(), span.to());
        }
    }

    @Override
    public void close() {
        link.close();
        store.close();
    }
}
