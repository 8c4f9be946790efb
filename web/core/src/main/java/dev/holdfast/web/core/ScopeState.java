package dev.holdfast.web.core;

import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.replica.Applier;
import java.util.List;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSExport;
import org.teavm.jso.typedarrays.Uint8Array;

/**
 * One scope in the memory of a page, made from batches in any order, each any number of times. The
 * batches are taken as verified.
 */
@JSClass
public final class ScopeState {
    private final String scope;
    private final Image image = Image.of(new ReplicaId(0, 0), List.of());

    @JSExport
    public ScopeState(String scope) {
        this.scope = scope;
    }

    /**
     * Applies a batch, as encoded with its signature.
     *
     * @return {@code applied}, {@code duplicate}, or {@code forked} when its sequence numbers
     *     belong to other bytes, which changes nothing
     */
    @JSExport
    public String apply(Uint8Array encoded) {
        Batch batch = Batch.decode(Octets.in(encoded));
        if (!batch.scope().equals(scope)) {
            throw new IllegalArgumentException("a batch of another scope");
        }
        return switch (image.write(tables -> new Applier(tables).apply(batch))) {
            case Applier.Outcome.Applied applied -> "applied";
            case Applier.Outcome.Duplicate duplicate -> "duplicate";
            case Applier.Outcome.Forked forked -> "forked";
        };
    }

    /** The dots seen, encoded. */
    @JSExport
    public Uint8Array context() {
        return Octets.out(image.read(tables -> tables.context(scope).encoded()));
    }

    /** The state of a document, encoded; that of an unknown one is empty. */
    @JSExport
    public Uint8Array document(String collection, String id) {
        DocumentId document = new DocumentId(collection, id);
        return Octets.out(image.read(tables -> tables.document(scope, document).encoded()));
    }

    /** How many documents have anything in them. */
    @JSExport
    public int documentCount() {
        return image.read(tables -> tables.documentCount(scope));
    }
}
