package dev.holdfast.core.replica;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.ReplicaId;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A node's store in memory, with transactions: for the simulator, for tests, and for browsers,
 * which keep what is durable elsewhere. It has no thread and does no I/O, so that one seed gives
 * one run and TeaVM can compile it.
 *
 * <p>What a crash takes is decided by how it was made: in a {@link #buffered()} store whatever was
 * committed since the last {@link #flush()} is lost in a {@link #crash()}, as with a disk whose
 * cache was not flushed; in a {@link #durable()} one only a transaction that failed is. Both rest
 * on an undo log: a write costs its change and one note of how to take it back. A buffered store
 * that nobody flushes keeps these notes for ever.
 *
 * <p>Not thread-safe: whoever owns it calls it from one thread at a time.
 */
public final class MemoryStore {
    final TreeMap<String, MemoryScope> scopes;
    final TreeMap<String, AuthorState> authors;
    final TreeMap<String, Cursor> cursors;
    final TreeMap<String, Long> outboxBytes;
    final TreeMap<ReplicaId, Granted> grants;
    final TreeMap<Bytes, MemoryTables.Quarantined> quarantined;

    private final boolean buffered;
    private final List<Runnable> undo = new ArrayList<>();
    private boolean inTransaction;
    private @Nullable Consumer<Committed> watcher;

    /**
     * What a transaction changed in one scope, so that whoever drives the node knows what to do
     * next.
     *
     * @param documents those whose state, or whose durability, changed
     * @param feedGrew there is more to send to whoever follows this node's feed
     * @param outboxGrew there is more to send to the node above
     * @param unsealedGrew there is something to sign
     */
    public record Committed(
            String scope,
            Set<DocumentId> documents,
            boolean feedGrew,
            boolean outboxGrew,
            boolean unsealedGrew) {}

    private MemoryStore(boolean buffered) {
        this.buffered = buffered;
        scopes = new TreeMap<>();
        authors = new TreeMap<>();
        cursors = new TreeMap<>();
        outboxBytes = new TreeMap<>();
        grants = new TreeMap<>();
        quarantined = new TreeMap<>();
    }

    private MemoryStore(MemoryStore other) {
        buffered = other.buffered;
        scopes = new TreeMap<>();
        other.scopes.forEach((name, scope) -> scopes.put(name, new MemoryScope(scope)));
        authors = new TreeMap<>(other.authors);
        cursors = new TreeMap<>(other.cursors);
        outboxBytes = new TreeMap<>(other.outboxBytes);
        grants = new TreeMap<>(other.grants);
        quarantined = new TreeMap<>(other.quarantined);
    }

    /** An empty store in which what is committed is durable. */
    public static MemoryStore durable() {
        return new MemoryStore(false);
    }

    /** An empty store in which what is committed is durable only from the next {@link #flush()}. */
    public static MemoryStore buffered() {
        return new MemoryStore(true);
    }

    /**
     * Does {@code work} in a transaction: all of it stands afterwards, or, when it throws, nothing.
     */
    public <T extends @Nullable Object> T write(Function<? super MemoryTables, T> work) {
        int before = undo.size();
        boolean committed = false;
        MemoryTables tables = begin();
        T answer;
        try {
            answer = work.apply(tables);
            committed = true;
        } finally {
            end(tables);
            if (!committed) undoTo(before);
            else if (!buffered) undo.clear();
        }
        Consumer<Committed> told = watcher;
        if (told != null) tables.committed().forEach(told);
        return answer;
    }

    /**
     * Reads what is committed, durable or not.
     *
     * @throws IllegalStateException if {@code work} wrote; it is taken back then
     */
    public <T extends @Nullable Object> T read(Function<? super MemoryTables, T> work) {
        int before = undo.size();
        MemoryTables tables = begin();
        T answer;
        boolean wrote;
        try {
            answer = work.apply(tables);
        } finally {
            end(tables);
            wrote = undo.size() > before;
            undoTo(before);
        }
        if (wrote) throw new IllegalStateException("a reader wrote");
        return answer;
    }

    /** Has {@code watcher} told of what each later write committed, after its transaction. */
    public void watch(Consumer<Committed> watcher) {
        this.watcher = watcher;
    }

    /** Makes durable what was committed. */
    public void flush() {
        requireNoTransaction();
        undo.clear();
    }

    /** How many changes a crash would take back now. */
    public int unflushed() {
        return undo.size();
    }

    /** Goes back to what was durable. */
    public void crash() {
        crash(0);
    }

    /**
     * Goes back to what was durable and the first {@code kept} changes after it, as a disk that had
     * written some of its cache. A transaction is whole where {@code kept} is what {@link
     * #unflushed()} said after it.
     */
    public void crash(int kept) {
        requireNoTransaction();
        undoTo(kept);
        undo.clear();
    }

    /**
     * A store of its own with all that is committed here, durable in the copy: a cloned disk, or a
     * backup to go back to. Nobody watches it.
     */
    public MemoryStore copy() {
        requireNoTransaction();
        return new MemoryStore(this);
    }

    /** Notes how to take back a change that was just made. */
    void noteUndo(Runnable takeBack) {
        undo.add(takeBack);
    }

    private MemoryTables begin() {
        requireNoTransaction();
        inTransaction = true;
        return new MemoryTables(this);
    }

    private void end(MemoryTables tables) {
        tables.close();
        inTransaction = false;
    }

    private void undoTo(int size) {
        while (undo.size() > size) undo.remove(undo.size() - 1).run();
    }

    private void requireNoTransaction() {
        if (inTransaction) throw new IllegalStateException("within a transaction");
    }
}
