package dev.holdfast.drill.rings;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.Entry;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What PostgreSQL holds of the drill's scope, read past the region.
 *
 * @param store context, states and batches, as a replica's store has them
 * @param operations one for every row of the table, so that a repetition would show
 * @param inBatches how many operations the batches of the feed hold together
 * @param shown per document what its columns {@code fields} and {@code conflicts} say, in JSON
 */
public record RegionImage(
        StoreImage store, List<Row> operations, long inBatches, Map<DocumentId, String> shown) {
    /**
     * A row of the table {@code operation}.
     *
     * @param millis when its author's clock said that it was written
     */
    public record Row(Dot dot, DocumentId document, long millis) {}

    /** From the lines of {@link DatabaseMain}. */
    public static RegionImage of(List<String> lines) {
        Context context = new Context();
        Map<DocumentId, Bytes> documents = new TreeMap<>();
        List<Row> operations = new ArrayList<>();
        Map<DocumentId, String> shown = new HashMap<>();
        Set<Span> batches = new HashSet<>();
        long quarantined = 0;
        long inBatches = 0;
        for (String line : lines) {
            String[] part = line.split("\t", -1);
            switch (part[0]) {
                case "context" ->
                        context.put(
                                ReplicaId.parse(part[1]), Intervals.decode(Bytes.fromHex(part[2])));
                case "operation" ->
                        operations.add(
                                new Row(
                                        new Dot(ReplicaId.parse(part[1]), Long.parseLong(part[2])),
                                        new DocumentId(part[3], part[4]),
                                        Long.parseLong(part[5])));
                case "document" -> {
                    DocumentId id = new DocumentId(part[1], part[2]);
                    documents.put(id, Bytes.fromHex(part[3]));
                    shown.put(id, part[4] + part[5]);
                }
                case "batch" ->
                        batches.add(
                                new Span(
                                        ReplicaId.parse(part[1]),
                                        Long.parseLong(part[2]),
                                        Long.parseLong(part[3]),
                                        Bytes.fromHex(part[4])));
                case "quarantined" -> quarantined = Long.parseLong(part[1]);
                case "batches" -> inBatches = Long.parseLong(part[1]);
                default -> {}
            }
        }
        StoreImage store = new StoreImage(context, documents, batches, quarantined);
        return new RegionImage(store, operations, inBatches, shown);
    }

    /** How many values are shown at a later time than {@code boundMillis}. */
    public long shownAfter(long boundMillis) {
        long count = 0;
        for (Bytes state : store.documents().values()) {
            Document document = Document.decode(state);
            for (Key key : document.keys()) {
                for (Entry entry : document.at(key).values()) {
                    if (entry.shown().millis() > boundMillis) count++;
                }
            }
        }
        return count;
    }
}
