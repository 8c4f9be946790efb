package dev.holdfast.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.BatchHead;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.Succession;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.ReplicaKey;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A replica's store in a folder: {@code store.db}, the lock, the replica's key, the witness.
 *
 * <p>Writes are transactions that return once they are flushed; concurrent ones share a flush, and
 * one that throws is rolled back alone. Reads see one snapshot and never wait for a write. After a
 * full disk the writes concerned throw {@link StoreException} of kind {@code FULL}, having written
 * nothing, and later ones work again once there is room.
 *
 * <p>Thread-safe. One folder is open once at a time; a crash at any moment leaves what was returned
 * from, whole, and nothing of what was not.
 */
public final class ReplicaStore implements AutoCloseable {
    private final StoreSettings settings;
    private final FolderLock lock;
    private final Identity identity;
    private final boolean restored;
    private final CommitDriver writer;
    private final Readers readers;

    /** Sealing against taking a new key, and seals of one scope against each other. */
    private final ReentrantReadWriteLock sealing = new ReentrantReadWriteLock();

    private final Map<String, ReentrantLock> sealingIn = new ConcurrentHashMap<>();
    private final List<ListenerDriver> listeners = new CopyOnWriteArrayList<>();

    /** A query in SQL, on a connection that only reads; see {@link ShownFields}. */
    @FunctionalInterface
    public interface Query<T extends @Nullable Object> {
        T run(Connection connection) throws SQLException;
    }

    private ReplicaStore(StoreSettings settings, FolderLock lock, Entropy entropy) {
        this.settings = settings;
        this.lock = lock;
        Schema shown = settings.shown() ? settings.schema() : null;
        Connections connections = new Connections(settings.database(), settings.cacheKib());
        writer =
                new CommitDriver(
                        () -> new SqliteTables(connections.writer(), settings.retention(), shown),
                        settings,
                        this::tell);
        try {
            writer.write(tables -> {
                ShownFields.follow(tables, shown);
                return true;
            });
            ReplicaId before = writer.write(t -> t.hasReplica() ? t.replica() : null);
            identity = Identity.open(writer, settings, entropy);
            restored = before != null && !before.equals(identity.key().replica());
            readers =
                    new Readers(
                            settings.readers(),
                            () ->
                                    new SqliteTables(
                                            connections.reader(), settings.retention(), null));
        } catch (RuntimeException e) {
            writer.close();
            throw e;
        }
    }

    /**
     * Opens the store in the folder, or makes one there.
     *
     * @param entropy for a key, where there is none yet or a new one must be taken
     * @throws StoreException saying why that cannot be
     */
    public static ReplicaStore open(StoreSettings settings, Entropy entropy) {
        FolderLock lock = FolderLock.take(settings.folder());
        try {
            return new ReplicaStore(settings, lock, entropy);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /**
     * Runs {@code work} in a transaction and returns what it answered, once it is flushed.
     *
     * @throws StoreException when the storage failed; nothing of it was written then. What {@code
     *     work} throws comes back too, and likewise undoes it.
     */
    public <T extends @Nullable Object> T write(Function<? super StoreTables, T> work) {
        return writer.write(work);
    }

    /** Runs {@code work} on one snapshot of what was committed. */
    public <T extends @Nullable Object> T read(Function<? super StoreTables, T> work) {
        return readers.read(work);
    }

    /** Runs {@code query} on one snapshot of what was committed. */
    public <T extends @Nullable Object> T query(Query<T> query) {
        return readers.read(tables -> {
            try {
                return query.run(tables.sql().connection());
            } catch (SQLException e) {
                throw tables.sql().failed(e);
            }
        });
    }

    /** A query in SQL beside the tables of the same snapshot. */
    @FunctionalInterface
    public interface TablesQuery<T extends @Nullable Object> {
        T run(StoreTables tables, Connection connection) throws SQLException;
    }

    /** As {@link #query(Query)}, for what SQL only finds and the tables show. */
    public <T extends @Nullable Object> T query(TablesQuery<T> query) {
        return readers.read(tables -> {
            try {
                return query.run(tables, tables.sql().connection());
            } catch (SQLException e) {
                throw tables.sql().failed(e);
            }
        });
    }

    /** Has {@code listener} told of every commit from now on, until what this answers is closed. */
    public Subscription listen(Listener listener) {
        ListenerDriver driver = new ListenerDriver(listener);
        listeners.add(driver);
        return () -> {
            listeners.remove(driver);
            driver.close();
        };
    }

    /** Ends what it came from; may be closed twice. */
    public interface Subscription extends AutoCloseable {
        @Override
        void close();
    }

    /** The key of this store's author; another one after a succession. */
    public ReplicaKey key() {
        return identity.key();
    }

    /**
     * Whether opening it found a database older than its witness, a backup: it has a new key, and
     * what was unsealed is written again under that.
     */
    public boolean isRestored() {
        return restored;
    }

    /**
     * To be called for every batch of this store's author that another node tells of, before
     * anything of it is applied or believed. If it is one that this store does not know, its disk
     * was copied, and it takes a new key: sessions must begin anew, with the grant of {@link
     * #key()}.
     *
     * @param last the last sequence number of the batch
     * @return whether a new key was taken
     */
    public boolean shownForeign(String scope, ReplicaId author, long last, Bytes hash) {
        sealing.writeLock().lock();
        try {
            boolean foreign = readers.read(tables -> isForeign(tables, scope, author, last, hash));
            if (foreign) identity.succeed(Succession.Cause.FOREIGN);
            return foreign;
        } finally {
            sealing.writeLock().unlock();
        }
    }

    private static boolean isForeign(
            SqliteTables tables, String scope, ReplicaId author, long last, Bytes hash) {
        if (!author.equals(tables.replica())) return false;
        BatchHead known = tables.batchTo(scope, author, last);
        return known == null || !known.hash().equals(hash);
    }

    /**
     * To be called when the feed of the node above was followed to its end in a scope. After a
     * foreign batch nothing is sealed there before, since it must be known what of the own
     * operations has arrived under the old key.
     */
    public void caughtUp(String scope) {
        if (!isHeld(scope)) return;
        write(tables -> {
            new Succession((SqliteTables) tables).caughtUp(scope);
            return true;
        });
    }

    /** Whether sealing waits for {@link #caughtUp}. */
    public boolean isHeld(String scope) {
        return readers.read(tables -> tables.isHeld(scope));
    }

    /** An author for the transaction of {@code tables}. */
    public Author author(StoreTables tables) {
        return new Author(tables, tables.replica(), settings.schema());
    }

    public StoreSettings settings() {
        return settings;
    }

    /**
     * Signs the oldest unsealed transactions into a batch, which is in the feed and the outbox, and
     * may leave, when this returns; empty if there is none.
     */
    public Optional<FeedItem> seal(String scope, long nowMillis) {
        return seal(scope, nowMillis, Limits.BATCH_BYTES);
    }

    /**
     * The same for a link that bears so little at once.
     *
     * @param bytes that the batch has at most, if more than one transaction is in it
     */
    public Optional<FeedItem> seal(String scope, long nowMillis, int bytes) {
        sealing.readLock().lock();
        ReentrantLock one = sealingIn.computeIfAbsent(scope, name -> new ReentrantLock());
        one.lock();
        try {
            while (true) {
                Batch.Draft draft = readers.read(tables -> draft(tables, scope, bytes));
                if (draft == null) return Optional.empty();
                Batch batch = draft.signed(identity.key().sign(draft.signedText()));
                FeedItem item = write(tables -> author(tables).seal(batch, nowMillis));
                if (item == null) continue;
                identity.witnessed(item);
                return Optional.of(item);
            }
        } finally {
            one.unlock();
            sealing.readLock().unlock();
        }
    }

    private Batch.@Nullable Draft draft(SqliteTables tables, String scope, int bytes) {
        if (tables.isHeld(scope)) return null;
        return author(tables).draft(scope, tables.granted(tables.replica()), bytes);
    }

    /** Bytes that the database takes of the disk, without what it could use again. */
    public long sizeBytes() {
        return readers.read(tables -> {
            Sql sql = tables.sql();
            long pages = sql.number("pragma page_count") - sql.number("pragma freelist_count");
            return pages * sql.number("pragma page_size");
        });
    }

    /** Whether it has reached the size that its settings allow. */
    public boolean isFull() {
        return settings.maxBytes() != Long.MAX_VALUE && sizeBytes() >= settings.maxBytes();
    }

    /**
     * Waits until the disk has failed so that nothing can be written any more, such as by a failed
     * flush; answers how. A server stops then: opened again, the store finds out what is on the
     * disk.
     */
    public StoreException awaitFailure() throws InterruptedException {
        return writer.awaitFailure();
    }

    /** Waits for the writes and reads that were begun. */
    @Override
    public void close() {
        // The writer last: the last connection puts the log into the database, and must write for
        // it.
        readers.close();
        writer.close();
        identity.close();
        listeners.forEach(ListenerDriver::close);
        lock.close();
    }

    private void tell(List<Committed> committed) {
        for (ListenerDriver listener : listeners) listener.tell(committed);
    }
}
