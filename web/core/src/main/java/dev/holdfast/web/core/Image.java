package dev.holdfast.web.core;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.AuthorState;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.Succession;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A device's store in memory, whose durable half answers later: a browser's IndexedDB. Transactions
 * are synchronous; what they changed is then taken as rows, to be written elsewhere in one
 * transaction.
 *
 * <ul>
 *   <li>A transaction that throws has changed nothing.
 *   <li>{@link #take} answers the rows that changed since it was last called; one such group is
 *       under way at a time, and what is written meanwhile goes into the next.
 *   <li>After {@link #flushed} the group is durable. After {@link #lost} the image is as it was
 *       after the last group that was: what was written since stood on what is not there, and is
 *       gone as well.
 * </ul>
 *
 * <p>Nothing here knows which of it is durable but the caller; effects that must not come before
 * that are the caller's to hold back. Not thread-safe.
 */
final class Image {
    private static final String PREDECESSORS = "replica/predecessors";

    final TreeMap<String, ScopeImage> scopes = new TreeMap<>();
    final Table<ReplicaId, Granted> grants = new Table<>(this, "", Forms.GRANTS);
    final Table<Bytes, Forms.Quarantined> quarantine = new Table<>(this, "", Forms.QUARANTINES);
    final Table<String, Bytes> notes = new Table<>(this, "", Forms.NOTES);

    private ReplicaId self;
    private Set<ReplicaId> own = Set.of();

    /** Per scope, the first sequence number that was given out since the image was made. */
    private final Map<String, Long> openedAt = new HashMap<>();

    private final List<Runnable> undo = new ArrayList<>();
    private final Set<Changed<?>> changed = new LinkedHashSet<>();
    private TreeMap<String, Touched> news = new TreeMap<>();

    /** Documents that were touched since the last group that is durable. */
    private final TreeMap<String, Set<DocumentId>> unflushed = new TreeMap<>();

    private int taken = -1;
    private boolean inTransaction;

    /** A row of the durable store; without a value it is to be deleted. */
    record Row(Bytes name, @Nullable Bytes content) {}

    /** What changed in a scope. */
    static final class Touched {
        final Set<DocumentId> documents = new TreeSet<>();

        /** Whether there is more to send. */
        boolean grew;

        /** Whether a region has spoken of what others wrote. */
        boolean heard;
    }

    private record Changed<K extends Comparable<? super K>>(Table<K, ?> table, K key) {
        Row row() {
            return table.row(key);
        }
    }

    private Image(ReplicaId self) {
        this.self = self;
    }

    /**
     * The image of what was kept.
     *
     * @param self the replica that writes here
     * @throws MalformedException when the rows are not those of an image
     */
    static Image of(ReplicaId self, Iterable<Row> rows) {
        Image image = new Image(self);
        for (Row row : rows) image.load(row);
        image.become(self);
        image.scopes.forEach((name, scope) -> {
            scope.index(image.own);
            AuthorState state = scope.author.rows.get(Forms.ONLY);
            if (state != null) image.openedAt.put(name, state.nextSeq());
        });
        image.undo.clear();
        return image;
    }

    /** Who writes here; another one after a succession. */
    ReplicaId self() {
        return self;
    }

    /** All that ever did: what they wrote is this device's own. */
    Set<ReplicaId> own() {
        return own;
    }

    /**
     * Has {@code next} write from now on, since somebody else writes under the key that did so far.
     *
     * @param grant that of the new key; null where there is none
     */
    void succeed(ReplicaId next, @Nullable SignedGrant grant) {
        ReplicaId old = self;
        write(tables -> {
            if (grant != null) tables.putGrant(grant);
            new Succession(tables).succeed(next, Succession.Cause.FOREIGN, openedAt);
            Bytes earlier = notes.rows.getOrDefault(PREDECESSORS, Bytes.EMPTY);
            notes.put(PREDECESSORS, earlier.concat(old.bytes()));
            become(next);
            noteUndo(() -> become(old));
            return true;
        });
        // The new key's numbers are this store's alone.
        openedAt.clear();
    }

    private void become(ReplicaId author) {
        self = author;
        own = new LinkedHashSet<>();
        own.add(author);
        Bytes earlier = notes.rows.getOrDefault(PREDECESSORS, Bytes.EMPTY);
        for (int at = 0; at < earlier.size(); at += ReplicaId.BYTES)
            own.add(ReplicaId.of(earlier.slice(at, at + ReplicaId.BYTES)));
    }

    private void load(Row row) {
        Bytes content = row.content();
        if (content == null) throw new MalformedException("a row without a value");
        CborReader name = new CborReader(row.name());
        name.array();
        int code = (int) name.integer();
        String scope = name.text();
        Table<?, ?> table =
                switch (code) {
                    case Forms.GRANT -> grants;
                    case Forms.QUARANTINE -> quarantine;
                    case Forms.NOTE -> notes;
                    default -> scope(scope).table(code);
                };
        if (table == null) throw new MalformedException("a row of an unknown kind: " + code);
        table.load(name, content);
    }

    /**
     * Does {@code work} in a transaction: all of it stands afterwards or, when it throws, nothing.
     */
    <T extends @Nullable Object> T write(Function<? super ImageTables, T> work) {
        int before = undo.size();
        ImageTables tables = begin();
        boolean done = false;
        try {
            T answer = work.apply(tables);
            done = true;
            return answer;
        } finally {
            inTransaction = false;
            tables.close();
            if (done) tables.touched().forEach(this::touched);
            else undoTo(before);
        }
    }

    /**
     * Reads.
     *
     * @throws IllegalStateException if {@code work} wrote; it is taken back then
     */
    <T extends @Nullable Object> T read(Function<? super ImageTables, T> work) {
        int before = undo.size();
        ImageTables tables = begin();
        T answer;
        boolean wrote;
        try {
            answer = work.apply(tables);
        } finally {
            inTransaction = false;
            tables.close();
            wrote = undo.size() > before;
            undoTo(before);
        }
        if (wrote) throw new IllegalStateException("a reader wrote");
        return answer;
    }

    /** What changed since this was last asked, by scope. */
    Map<String, Touched> news() {
        TreeMap<String, Touched> told = news;
        news = new TreeMap<>();
        return told;
    }

    /** Whether anything changed that was not taken. */
    boolean isChanged() {
        return !changed.isEmpty();
    }

    /** The rows that changed, to be made durable together. */
    List<Row> take() {
        if (taken >= 0) throw new IllegalStateException("a group is under way");
        List<Row> rows = new ArrayList<>(changed.size());
        for (Changed<?> one : changed) rows.add(one.row());
        changed.clear();
        taken = undo.size();
        return rows;
    }

    /** What was taken is durable. */
    void flushed() {
        if (taken < 0) throw new IllegalStateException("nothing was taken");
        undo.subList(0, taken).clear();
        taken = -1;
        if (undo.isEmpty()) unflushed.clear();
    }

    /** What was taken could not be written. */
    void lost() {
        undoTo(0);
        changed.clear();
        taken = -1;
        // Whoever saw what is gone looks again.
        unflushed.forEach((scope, documents) -> newsOf(scope).documents.addAll(documents));
        unflushed.clear();
    }

    /** The scope's part, for writing. */
    ScopeImage scope(String name) {
        ScopeImage scope = scopes.get(name);
        if (scope != null) return scope;
        // An empty one is no different from none, so that making it needs no undoing.
        ScopeImage made = new ScopeImage(this, name);
        scopes.put(name, made);
        return made;
    }

    void noteUndo(Runnable takeBack) {
        undo.add(takeBack);
    }

    <K extends Comparable<? super K>> void noteChange(Table<K, ?> table, K key) {
        changed.add(new Changed<>(table, key));
    }

    private void touched(String scope, Touched what) {
        Touched told = newsOf(scope);
        told.documents.addAll(what.documents);
        told.grew |= what.grew;
        told.heard |= what.heard;
        unflushed.computeIfAbsent(scope, none -> new LinkedHashSet<>()).addAll(what.documents);
    }

    private Touched newsOf(String scope) {
        return news.computeIfAbsent(scope, none -> new Touched());
    }

    private ImageTables begin() {
        if (inTransaction) throw new IllegalStateException("within a transaction");
        inTransaction = true;
        return new ImageTables(this);
    }

    private void undoTo(int size) {
        while (undo.size() > size) undo.remove(undo.size() - 1).run();
    }
}
