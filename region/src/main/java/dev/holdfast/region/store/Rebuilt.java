package dev.holdfast.region.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.EarlyMark;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.merge.Merge;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.schema.Schema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Documents made anew of the batches that are kept. The merge comes to the same end in any order,
 * so what a document is follows from the operations on it alone: a state that is another one than
 * this was not made by them. Not thread-safe.
 */
final class Rebuilt {
    private static final int BATCHES_AT_ONCE = 50;

    private final Map<DocumentId, Document> documents = new HashMap<>();
    private final Map<Dot, List<EarlyMark>> marks = new HashMap<>();
    private final Set<Dot> applied = new HashSet<>();

    private Rebuilt(List<DocumentId> ids) {
        for (DocumentId id : ids) documents.put(id, new Document());
    }

    /**
     * Makes these documents anew; null where it is not certain that all of their operations are
     * kept.
     */
    static @Nullable Rebuilt of(Sql sql, String scope, List<DocumentId> ids) {
        Context seen = context(sql, scope);
        if (!isWhole(sql, scope, seen)) return null;
        Rebuilt rebuilt = new Rebuilt(ids);
        List<Long> numbers =
                sql.list(
                        """
                        SELECT DISTINCT number FROM operation
                        WHERE scope = ? AND (collection, id) IN (SELECT * FROM unnest(?, ?))
                        ORDER BY number\
                        """,
                        row -> row.getLong(1),
                        scope,
                        sql.texts(ids, DocumentId::collection),
                        sql.texts(ids, DocumentId::id));
        for (int from = 0; from < numbers.size(); from += BATCHES_AT_ONCE) {
            List<Long> some =
                    numbers.subList(from, Math.min(numbers.size(), from + BATCHES_AT_ONCE));
            sql.each(
                    "SELECT bytes FROM batch WHERE scope = ? AND number = ANY (?) ORDER BY number",
                    row -> rebuilt.apply(Batch.decode(Sql.bytes(row, 1))),
                    scope,
                    sql.longs(some, number -> number));
        }
        // What was seen and is about other documents waits for nothing.
        rebuilt.marks.keySet().removeIf(seen::contains);
        return rebuilt;
    }

    /** The digest of a document as it should be stored; no bytes where it should not be. */
    Bytes digest(Sql sql, DocumentId id, Schema schema, Inspection.Depth depth) {
        Document document = document(id);
        if (document.isEmpty()) return Bytes.EMPTY;
        Shown shown = Shown.of(document, schema.collection(id.collection()));
        Bytes digest =
                sql.one(
                        "SELECT "
                                + depth.sql()
                                + " FROM (SELECT ?::bytea AS state, ?::jsonb AS fields,"
                                + " ?::jsonb AS conflicts) AS document",
                        row -> Sql.bytes(row, 1),
                        document.encoded(),
                        shown.fields(),
                        shown.conflicts());
        return Objects.requireNonNull(digest);
    }

    Document document(DocumentId id) {
        return documents.getOrDefault(id, new Document());
    }

    /** What these documents' operations named before it arrived, and has not arrived yet. */
    List<EarlyMark> marks() {
        List<EarlyMark> all = new ArrayList<>();
        marks.values().forEach(all::addAll);
        return all;
    }

    private void apply(Batch batch) {
        for (Operation operation : batch.body().operations()) {
            Document document = documents.get(operation.document());
            if (document == null) continue;
            Merge.apply(operation, document, new Around());
            applied.add(operation.dot());
            marks.remove(operation.dot());
        }
    }

    private final class Around implements Merge.Surroundings {
        @Override
        public boolean seen(Dot dot) {
            return applied.contains(dot);
        }

        @Override
        public List<EarlyMark> marks(Dot dot) {
            return marks.getOrDefault(dot, List.of());
        }

        @Override
        public void addMark(EarlyMark mark) {
            List<EarlyMark> kept = marks.computeIfAbsent(mark.dot(), none -> new ArrayList<>());
            for (EarlyMark other : kept) {
                boolean same =
                        other.document().equals(mark.document()) && other.key().equals(mark.key());
                if (same && !mark.strongerThan(other)) return;
            }
            kept.removeIf(other ->
                    other.document().equals(mark.document()) && other.key().equals(mark.key()));
            kept.add(mark);
        }
    }

    static Context context(Sql sql, String scope) {
        Context context = new Context();
        sql.each(
                "SELECT replica, intervals FROM context WHERE scope = ?",
                row ->
                        context.put(
                                ReplicaId.of(Sql.bytes(row, 1)),
                                Intervals.decode(Sql.bytes(row, 2))),
                scope);
        return context;
    }

    /** Whether each dot that was seen has its batch and its row, and no other has. */
    private static boolean isWhole(Sql sql, String scope, Context seen) {
        long dots = 0;
        for (Intervals intervals : seen.replicas().values()) {
            for (int i = 0; i < intervals.count(); i++)
                dots += intervals.to(i) - intervals.from(i) + 1;
        }
        Boolean whole =
                sql.one(
                        """
                        SELECT (SELECT coalesce(sum(last - first + 1), 0) FROM batch
                                WHERE scope = ? AND bytes IS NOT NULL) = ?
                            AND (SELECT count(*) FROM operation WHERE scope = ?) = ?\
                        """,
                        row -> row.getBoolean(1),
                        scope,
                        dots,
                        scope,
                        dots);
        return Boolean.TRUE.equals(whole);
    }
}
