package dev.holdfast.core.vectors;

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

/** The least that a scope needs around the merge. */
final class ScopeReplay implements Merge.Surroundings {
    final Context context = new Context();
    final TreeMap<DocumentId, Document> documents = new TreeMap<>();
    private final List<EarlyMark> marks = new ArrayList<>();

    void apply(Batch batch) {
        batch.body().operations().forEach(this::apply);
    }

    void apply(Operation operation) {
        Dot dot = operation.dot();
        if (context.contains(dot)) return;
        Document document = documents.computeIfAbsent(operation.document(), none -> new Document());
        Merge.apply(operation, document, this);
        if (document.isEmpty()) documents.remove(operation.document());
        context.add(dot.replica(), dot.seq(), dot.seq());
        marks.removeIf(mark -> mark.dot().equals(dot));
    }

    Document document(DocumentId id) {
        Document document = documents.get(id);
        return document == null ? new Document() : document;
    }

    @Override
    public boolean seen(Dot dot) {
        return context.contains(dot);
    }

    @Override
    public List<EarlyMark> marks(Dot dot) {
        return marks.stream().filter(mark -> mark.dot().equals(dot)).toList();
    }

    /** Keeps weaker marks too: whichever is strongest decides. */
    @Override
    public void addMark(EarlyMark mark) {
        marks.add(mark);
    }
}
