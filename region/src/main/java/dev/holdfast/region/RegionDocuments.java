package dev.holdfast.region;

import dev.holdfast.core.merge.Document;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.Cursor;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.node.api.ChangesPage;
import dev.holdfast.node.api.Documents;
import dev.holdfast.node.sync.Hub;
import dev.holdfast.region.database.DatabaseFailure;
import dev.holdfast.region.store.RegionAuthor;
import dev.holdfast.region.store.RegionTables;
import dev.holdfast.region.store.StoreException;
import dev.holdfast.region.store.Transactor;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP API on a region's database. A write is authored by the region's own replica and applied
 * in its own transaction, beside the log: it is APPLIED when it is answered. Thread-safe.
 */
final class RegionDocuments implements Documents {
    /** States in one answer, together. */
    private static final int LIST_BYTES = 4 << 20;

    private static final int COLLISIONS = 10;
    private static final Duration AWAY_PAUSE = Duration.ofSeconds(5);

    private final Transactor store;
    private final RegionAuthor author;
    private final Hub hub;
    private final InstantSource clock;

    RegionDocuments(Transactor store, RegionAuthor author, Hub hub, InstantSource clock) {
        this.store = store;
        this.author = author;
        this.hub = hub;
        this.clock = clock;
    }

    @Override
    public boolean serves(String scope) {
        return true;
    }

    @Override
    public Document document(String scope, DocumentId id) {
        return store.read(tables -> tables.document(scope, id));
    }

    @Override
    public Listing list(String scope, String collection, String after, int limit) {
        return store.read(tables -> {
            List<Found> found = new ArrayList<>();
            int bytes = 0;
            for (DocumentId id : tables.documents(scope, collection, after, limit + 1)) {
                if (found.size() == limit || bytes > LIST_BYTES) return new Listing(found, true);
                Document state = tables.document(scope, id);
                bytes += state.encoded().size();
                found.add(new Found(id, state));
            }
            return new Listing(found, false);
        });
    }

    @Override
    public Changes changes(String scope, @Nullable Cursor since, int maxBytes) {
        return store.read(tables -> ChangesPage.of(tables, node(), scope, since, maxBytes));
    }

    /** What a transaction came to, with the feed's head where it wrote. */
    private record Done(Outcome outcome, @Nullable FeedHead head) {}

    @Override
    public Outcome write(Write write) {
        for (int attempt = 1; ; attempt++) {
            boolean[] asked = {false};
            try {
                Done done =
                        store.write(tables -> {
                            Done result = write(tables, write);
                            asked[0] = true;
                            return result;
                        });
                if (done.head() != null) hub.grew(write.scope(), done.head());
                return done.outcome();
            } catch (StoreException e) {
                if (e.failure() == DatabaseFailure.COLLISION && attempt < COLLISIONS) continue;
                // Once it was sent, nobody knows: a fault then, and not "nothing was done".
                if (e.failure() == DatabaseFailure.AWAY && !asked[0])
                    return new Outcome.Later(AWAY_PAUSE.toMillis());
                throw e;
            }
        }
    }

    private Done write(RegionTables tables, Write write) {
        String scope = write.scope();
        tables.lockFeed(scope);
        if (write.key().isPresent()) {
            Key key = write.key().get();
            RegionTables.Remembered known = tables.remembered(write.subject(), scope, key.text());
            if (known != null) return new Done(repeated(tables, write, key, known), null);
        }
        Document before = tables.document(scope, write.document());
        if (!write.allowed().test(before)) return new Done(new Outcome.Unexpected(before), null);
        Author.Written written =
                author.write(
                        tables,
                        scope,
                        Map.of(write.document(), write.changes().apply(before)),
                        write.trace(),
                        clock.millis());
        Optional<Dot> dot =
                written.isNothing()
                        ? Optional.empty()
                        : Optional.of(new Dot(node(), written.last()));
        write.key()
                .ifPresent(key ->
                        tables.remember(
                                write.subject(),
                                scope,
                                key.text(),
                                new RegionTables.Remembered(key.request(), dot.orElse(null)),
                                clock.millis()));
        Outcome outcome =
                new Outcome.Written(
                        dot, Durability.APPLIED, tables.document(scope, write.document()));
        return new Done(outcome, written.isNothing() ? null : tables.feedHead(scope));
    }

    private static Outcome repeated(
            RegionTables tables, Write write, Key key, RegionTables.Remembered known) {
        if (!known.request().equals(key.request())) return new Outcome.KeyReused();
        return new Outcome.Written(
                Optional.ofNullable(known.dot()),
                Durability.APPLIED,
                tables.document(write.scope(), write.document()));
    }

    private ReplicaId node() {
        return author.grant().replica();
    }
}
