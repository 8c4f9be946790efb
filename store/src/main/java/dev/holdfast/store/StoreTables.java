package dev.holdfast.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.ReplicaTables;
import java.util.List;
import java.util.Optional;

/**
 * A transaction of the replica store: {@link ReplicaTables} and what a device and an edge ask
 * beyond them. To be used within the function that it was given to, on its thread.
 */
public interface StoreTables extends ReplicaTables {
    /** The author of what is written here; another one after a succession. */
    ReplicaId replica();

    /**
     * How far the least of this store's own operations on a document has got; empty when all of
     * them are given up, being as durable as they must be.
     */
    Optional<Durability> pending(String scope, DocumentId id);

    /**
     * The same of the operations {@code first} to {@code last} of {@code author}; empty also where
     * they were refused.
     */
    Optional<Durability> pending(String scope, ReplicaId author, long first, long last);

    /** Documents with an own operation that is still answered for, from {@code after} on. */
    List<DocumentId> pendingDocuments(String scope, DocumentId after, int limit);

    /** Refusals of own batches that touched the document, oldest first. */
    List<Rejection> rejections(String scope, DocumentId id);

    /** Refusals of anybody's batches in the scope, oldest first. */
    List<Rejection> rejections(String scope);

    /** The documents that a refused own batch touched. */
    List<DocumentId> rejectedDocuments(String scope, Span span);

    /** What no other node is known to have. */
    Backlog backlog();

    /** Ids in a collection in which something stands, in order, after {@code after}. */
    List<DocumentId> documents(String scope, String collection, String after, int limit);

    /** A value that the application keeps beside its documents, such as an address. */
    Optional<Bytes> note(String name);

    void putNote(String name, Bytes value);

    /**
     * Keeps that a person has dealt with what is in quarantine under this hash.
     *
     * @return whether it is there
     */
    boolean settle(Bytes hash, String by, String why, long atMillis);

    /** Takes that back; as {@link #settle}. */
    boolean reopen(Bytes hash);
}
