package dev.holdfast.node.console;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Batch;
import java.time.Instant;
import java.util.Optional;

/**
 * What a node keeps aside, as its operators deal with it. An entry goes by the hash of what is
 * kept, is never changed and never leaves; one that somebody settled is no longer open. Where the
 * node cannot keep a word, or its database is away, a {@link
 * dev.holdfast.node.http.ProblemException} says so. Thread-safe.
 */
public interface Quarantine {
    /**
     * What is kept.
     *
     * @param batch empty where it is no batch at all
     */
    record Entry(Optional<Batch> batch, long bytes) {}

    /**
     * A person's word that nothing is left to do about an entry.
     *
     * @param by the subject of that person's grant
     * @param why in that person's words; may be empty
     */
    record Settled(String by, String why, Instant at) {}

    /** The entry with this hash. */
    Optional<Entry> entry(Bytes hash);

    /**
     * Keeps the last word about an entry, flushed when this returns; none says that it is open
     * again.
     *
     * @return whether there is such an entry
     */
    boolean settle(Bytes hash, Optional<Settled> word);
}
