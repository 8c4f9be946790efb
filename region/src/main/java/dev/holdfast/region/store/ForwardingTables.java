package dev.holdfast.region.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.EarlyMark;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.replica.BatchHead;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.Tables;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tables that hand everything on to others, for those that add something to them. */
abstract class ForwardingTables implements Tables {
    /** Whose tables these are. */
    abstract Tables inner();

    @Override
    public FeedHead lockFeed(String scope) {
        return inner().lockFeed(scope);
    }

    @Override
    public FeedHead feedHead(String scope) {
        return inner().feedHead(scope);
    }

    @Override
    public @Nullable Bytes feedHash(String scope, long number) {
        return inner().feedHash(scope, number);
    }

    @Override
    public List<FeedItem> feedAfter(String scope, long after, int maxBytes) {
        return inner().feedAfter(scope, after, maxBytes);
    }

    @Override
    public void appendToFeed(FeedItem item) {
        inner().appendToFeed(item);
    }

    @Override
    public Intervals context(String scope, ReplicaId of) {
        return inner().context(scope, of);
    }

    @Override
    public void putContext(String scope, ReplicaId of, Intervals intervals) {
        inner().putContext(scope, of, intervals);
    }

    @Override
    public Context context(String scope) {
        return inner().context(scope);
    }

    @Override
    public Document document(String scope, DocumentId id) {
        return inner().document(scope, id);
    }

    @Override
    public void putDocument(String scope, DocumentId id, Document document) {
        inner().putDocument(scope, id, document);
    }

    @Override
    public List<EarlyMark> marks(String scope, Dot dot) {
        return inner().marks(scope, dot);
    }

    @Override
    public void addMark(String scope, EarlyMark mark) {
        inner().addMark(scope, mark);
    }

    @Override
    public void removeMarks(String scope, Dot dot) {
        inner().removeMarks(scope, dot);
    }

    @Override
    public @Nullable BatchHead batchFrom(String scope, ReplicaId of, long first) {
        return inner().batchFrom(scope, of, first);
    }

    @Override
    public @Nullable BatchHead batchTo(String scope, ReplicaId of, long last) {
        return inner().batchTo(scope, of, last);
    }

    @Override
    public @Nullable BatchHead batchUpTo(String scope, ReplicaId of, long seq) {
        return inner().batchUpTo(scope, of, seq);
    }

    @Override
    public @Nullable Granted granted(ReplicaId of) {
        return inner().granted(of);
    }

    @Override
    public void putGranted(Granted granted) {
        inner().putGranted(granted);
    }

    @Override
    public void quarantine(Batch batch, Rejection.Code code, String reason, long nowMillis) {
        inner().quarantine(batch, code, reason, nowMillis);
    }

    @Override
    public List<Rejection> quarantined(String scope, ReplicaId of) {
        return inner().quarantined(scope, of);
    }
}
