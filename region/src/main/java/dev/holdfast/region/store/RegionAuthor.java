package dev.holdfast.region.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.schema.Schema;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Writes under a region's own key: for callers of its API, and to correct clocks. What it writes is
 * applied, signed and in the feed in the one transaction it is given. Thread-safe where the signer
 * is.
 */
public final class RegionAuthor {
    private final SignedGrant grant;
    private final UnaryOperator<Bytes> signer;
    private final Schema schema;
    private final Consumer<Batch> witness;

    /** One without a witness, for a database that never comes back from a backup. */
    public RegionAuthor(SignedGrant grant, UnaryOperator<Bytes> signer, Schema schema) {
        this(grant, signer, schema, batch -> {});
    }

    /**
     * @param grant this region's own
     * @param signer answers the signature of its key
     * @param witness is told of each batch before its transaction is committed; what it throws
     *     undoes that
     */
    public RegionAuthor(
            SignedGrant grant,
            UnaryOperator<Bytes> signer,
            Schema schema,
            Consumer<Batch> witness) {
        this.grant = grant;
        this.signer = signer;
        this.schema = schema;
        this.witness = witness;
    }

    public SignedGrant grant() {
        return grant;
    }

    /**
     * Writes a transaction: per document, the changes in their order.
     *
     * @throws dev.holdfast.core.MalformedException when it is over a limit or does not fit what
     *     stands; nothing was written then
     */
    public Author.Written write(
            RegionTables tables,
            String scope,
            Map<DocumentId, List<Change>> changes,
            @Nullable Bytes trace,
            long nowMillis) {
        return write(tables, scope, changes, Map.of(), trace, nowMillis);
    }

    /**
     * The same for changes that were made without having seen all that stands.
     *
     * @param seen documents as the maker of the changes saw them, where that is not what stands;
     *     they get this write as well
     */
    public Author.Written write(
            RegionTables tables,
            String scope,
            Map<DocumentId, List<Change>> changes,
            Map<DocumentId, Document> seen,
            @Nullable Bytes trace,
            long nowMillis) {
        // First: what the author reads must not change before its batch has its place.
        tables.lockFeed(scope);
        AuthoringTables writing = new AuthoringTables(tables, grant.replica());
        Author author = new Author(writing, grant.replica(), schema);
        Author.Written written = author.write(scope, changes, seen, trace, nowMillis);
        if (!written.isNothing()) seal(author, writing, scope, nowMillis);
        return written;
    }

    /** Has {@code dots} shown as of {@code readingMillis}. */
    public void correct(
            RegionTables tables,
            String scope,
            Map<DocumentId, List<Dot>> dots,
            long readingMillis,
            long nowMillis) {
        tables.lockFeed(scope);
        AuthoringTables writing = new AuthoringTables(tables, grant.replica());
        Author author = new Author(writing, grant.replica(), schema);
        author.correct(scope, dots, readingMillis);
        seal(author, writing, scope, nowMillis);
    }

    private void seal(Author author, AuthoringTables tables, String scope, long nowMillis) {
        for (Batch.Draft draft = author.draft(scope); draft != null; draft = author.draft(scope)) {
            FeedItem item = author.seal(draft.signed(signer.apply(draft.signedText())), nowMillis);
            if (item == null) throw new IllegalStateException("somebody sealed beside the lock");
            witness.accept(item.batch());
        }
        // Whoever reads the feed asks whose word this is.
        tables.putGrant(grant);
    }
}
