package dev.holdfast.web.core;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.EarlyMark;
import dev.holdfast.core.merge.Merge;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.teavm.jso.JSClass;
import org.teavm.jso.JSExport;
import org.teavm.jso.typedarrays.Uint8Array;

/**
 * The documents of one scope in the memory of a page, made from batches in any order, each any
 * number of times. Batches are taken as verified, and nothing is kept: the page does both.
 */
@JSClass
public final class ScopeState {
    private final String scope;
    private final Context context = new Context();
    private final TreeMap<DocumentId, Document> documents = new TreeMap<>();
    private final TreeMap<Dot, List<EarlyMark>> marks = new TreeMap<>();
    private final Merge.Surroundings around = new Around();

    @JSExport
    public ScopeState(String scope) {
        this.scope = scope;
    }

    /**
     * Applies a batch, as encoded with its signature.
     *
     * @return how many of its operations had not been seen
     */
    @JSExport
    public int apply(Uint8Array encoded) {
        Batch batch = Batch.decode(Octets.in(encoded));
        if (!batch.scope().equals(scope)) {
            throw new IllegalArgumentException("a batch of another scope");
        }
        int applied = 0;
        for (Operation operation : batch.body().operations()) {
            if (context.contains(operation.dot())) continue;
            apply(operation);
            applied++;
        }
        return applied;
    }

    /** The dots seen, encoded. */
    @JSExport
    public Uint8Array context() {
        return Octets.out(context.encoded());
    }

    /** The state of a document, encoded; that of an unknown one is empty. */
    @JSExport
    public Uint8Array document(String collection, String id) {
        Document document = documents.get(new DocumentId(collection, id));
        return Octets.out((document == null ? new Document() : document).encoded());
    }

    /** How many documents have anything in them. */
    @JSExport
    public int documentCount() {
        return documents.size();
    }

    private void apply(Operation operation) {
        Dot dot = operation.dot();
        DocumentId id = operation.document();
        Document document = documents.computeIfAbsent(id, none -> new Document());
        Merge.apply(operation, document, around);
        if (document.isEmpty()) documents.remove(id);
        context.add(dot.replica(), dot.seq(), dot.seq());
        marks.remove(dot);
    }

    private final class Around implements Merge.Surroundings {
        @Override
        public boolean seen(Dot dot) {
            return context.contains(dot);
        }

        @Override
        public List<EarlyMark> marks(Dot dot) {
            return marks.getOrDefault(dot, List.of());
        }

        @Override
        public void addMark(EarlyMark mark) {
            List<EarlyMark> waiting = marks.computeIfAbsent(mark.dot(), none -> new ArrayList<>());
            for (EarlyMark other : waiting) {
                boolean same =
                        other.document().equals(mark.document()) && other.key().equals(mark.key());
                if (same && !mark.strongerThan(other)) return;
            }
            waiting.removeIf(other ->
                    other.document().equals(mark.document()) && other.key().equals(mark.key()));
            waiting.add(mark);
        }
    }
}
