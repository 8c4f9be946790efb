package dev.holdfast.node.api;

import dev.holdfast.core.replica.Cursor;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.node.http.ConnectionClosedException;
import dev.holdfast.node.http.EventStream;
import dev.holdfast.node.sync.Follower;
import dev.holdfast.node.sync.Hub;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Changes of a scope as server-sent events, one per document, for as long as the reader stays and
 * its grant counts. The id of an event is the cursor to go on from.
 */
final class LiveFeed implements Follower {
    static final String EVENT = "changed";

    private static final int PAGE_BYTES = 128 << 10;
    private static final long GRANT_SECONDS = 60;

    private final Documents documents;
    private final String scope;
    private final Semaphore grown = new Semaphore(0);

    LiveFeed(Documents documents, String scope) {
        this.documents = documents;
        this.scope = scope;
    }

    /**
     * Runs until the reader is gone.
     *
     * @param granted whether its grant still counts
     * @param json what an event says of a change
     */
    void run(
            EventStream events,
            Hub hub,
            @Nullable Cursor since,
            BooleanSupplier granted,
            Function<Documents.Changed, String> json)
            throws ConnectionClosedException, InterruptedException {
        hub.follow(scope, this);
        events.onClose(grown::release);
        try {
            Cursor cursor = since;
            while (true) {
                // Before all that is looked at below, so that no news of it is missed.
                grown.drainPermits();
                if (!events.isOpen() || !granted.getAsBoolean()) return;
                if (!(documents.changes(scope, cursor, PAGE_BYTES)
                        instanceof Documents.Changes.Page page)) return;
                for (Documents.Changed changed : page.changed()) {
                    events.send(CursorText.print(changed.resume()), EVENT, json.apply(changed));
                }
                cursor = page.cursor();
                if (!page.more()) awaitNews();
            }
        } finally {
            hub.leave(scope, this);
        }
    }

    /** Ends after a while all the same, to see whether the grant still counts. */
    private void awaitNews() throws InterruptedException {
        if (grown.tryAcquire(GRANT_SECONDS, TimeUnit.SECONDS)) grown.drainPermits();
    }

    @Override
    public void grew(String grownScope, FeedHead head) {
        wake();
    }

    @Override
    public void revoked() {
        wake();
    }

    private void wake() {
        if (grown.availablePermits() == 0) grown.release();
    }
}
