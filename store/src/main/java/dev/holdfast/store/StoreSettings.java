package dev.holdfast.store;

import dev.holdfast.core.schema.Schema;
import java.nio.file.Path;

/**
 * How a store is opened.
 *
 * @param folder what it owns: the database, the lock, the key and the witness
 * @param witness the file that holds the newest sealed numbers; elsewhere than in the folder where
 *     the folder is backed up whole, so that a restored backup is noticed at once
 * @param shown whether documents are also kept as JSON, by {@code schema}, for queries
 * @param maxBytes what {@link ReplicaStore#isFull()} compares with; nothing is refused by it
 * @param cacheKib memory for the database's pages, per connection that writes
 * @param readers how many transactions may read at the same time
 * @param queuedWrites how many writes may wait for the committer; the next caller waits with its
 *     own
 * @param groupWrites how many writes share a flush at most
 * @param groupBytes after how many bytes of documents and batches a group is flushed
 */
public record StoreSettings(
        Path folder,
        Path witness,
        Retention retention,
        Schema schema,
        boolean shown,
        long maxBytes,
        int cacheKib,
        int readers,
        int queuedWrites,
        int groupWrites,
        int groupBytes) {

    public StoreSettings {
        if (maxBytes < 1 || cacheKib < 1 || readers < 1) {
            throw new IllegalArgumentException("a store needs room, a cache and a reader");
        }
        if (queuedWrites < 1 || groupWrites < 1 || groupBytes < 1) {
            throw new IllegalArgumentException("a store needs room for a write");
        }
    }

    /** A device's: own bytes until they are confirmed, documents also as JSON. */
    public static StoreSettings device(Path folder, Schema schema) {
        return new StoreSettings(
                folder,
                folder.resolve("witness"),
                Retention.OWN_UNCONFIRMED,
                schema,
                true,
                Long.MAX_VALUE,
                16 << 10,
                4,
                256,
                256,
                4 << 20);
    }

    /** An edge's: all bytes, no JSON. */
    public static StoreSettings edge(Path folder) {
        return new StoreSettings(
                folder,
                folder.resolve("witness"),
                Retention.ALL,
                Schema.EMPTY,
                false,
                Long.MAX_VALUE,
                128 << 10,
                8,
                1024,
                512,
                8 << 20);
    }

    public StoreSettings withMaxBytes(long bytes) {
        return new StoreSettings(
                folder,
                witness,
                retention,
                schema,
                shown,
                bytes,
                cacheKib,
                readers,
                queuedWrites,
                groupWrites,
                groupBytes);
    }

    public StoreSettings withWitness(Path file) {
        return new StoreSettings(
                folder,
                file,
                retention,
                schema,
                shown,
                maxBytes,
                cacheKib,
                readers,
                queuedWrites,
                groupWrites,
                groupBytes);
    }

    Path database() {
        return folder.resolve("store.db");
    }
}
