package dev.holdfast.node.api;

import dev.holdfast.core.merge.Document;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.replica.Cursor;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.Tables;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads pages of changes from a node's tables. */
public final class ChangesPage {
    /** States that a page carries together; the others are named only. */
    private static final int STATE_BYTES = 4 << 20;

    private ChangesPage() {}

    /**
     * What changed in {@code scope} after {@code since}, as of the transaction of {@code tables}.
     *
     * @param node whose feed this is
     * @param since null for the start
     * @param maxBytes of batches; at least one is looked through, if there is one
     */
    public static Documents.Changes of(
            Tables tables, ReplicaId node, String scope, @Nullable Cursor since, int maxBytes) {
        FeedHead start = since == null ? FeedHead.START : since.head();
        if (since != null && !isOurs(tables, node, scope, since))
            return new Documents.Changes.Unknown();
        List<FeedItem> items = tables.feedAfter(scope, start.number(), maxBytes);
        Cursor before = new Cursor(node, start);
        int room = STATE_BYTES;
        List<Documents.Changed> changed = new ArrayList<>();
        for (FeedItem item : items) {
            Map<DocumentId, Dot> touched = new LinkedHashMap<>();
            for (Operation operation : item.batch().body().operations())
                touched.put(operation.document(), operation.dot());
            Cursor after = new Cursor(node, item.head());
            int left = touched.size();
            for (var document : touched.entrySet()) {
                Document state = room > 0 ? tables.document(scope, document.getKey()) : null;
                if (state != null) room -= state.encoded().size();
                changed.add(
                        new Documents.Changed(
                                document.getKey(),
                                document.getValue(),
                                state,
                                --left == 0 ? after : before));
            }
            before = after;
        }
        boolean more = before.head().number() < tables.feedHead(scope).number();
        return new Documents.Changes.Page(changed, before, more && !items.isEmpty());
    }

    private static boolean isOurs(Tables tables, ReplicaId node, String scope, Cursor cursor) {
        if (!cursor.node().equals(node)) return false;
        long number = cursor.head().number();
        if (number == 0) return cursor.head().equals(FeedHead.START);
        return number <= tables.feedHead(scope).number()
                && cursor.head().hash().equals(tables.feedHash(scope, number));
    }
}
