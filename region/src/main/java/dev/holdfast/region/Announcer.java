package dev.holdfast.region;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.Verdict;
import dev.holdfast.core.sync.Message;
import dev.holdfast.node.sync.Hub;
import dev.holdfast.region.ingest.Ingest;
import dev.holdfast.region.store.Copies;
import dev.holdfast.region.store.StoreException;
import dev.holdfast.region.store.Transactor;
import dev.holdfast.region.worker.News;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells this process's sessions what is applied, one signed receipt per author, so that each
 * session gets those that concern it; and what is refused. Thread-safe.
 */
final class Announcer implements Consumer<News> {
    private static final Logger LOG = LoggerFactory.getLogger(Announcer.class);

    private final SignedGrant grant;
    private final UnaryOperator<Bytes> signer;
    private final Ingest ingest;
    private final Transactor tables;
    private final Copies copies;
    private final Hub hub;
    private final InstantSource clock;

    Announcer(
            SignedGrant grant,
            UnaryOperator<Bytes> signer,
            Ingest ingest,
            Transactor tables,
            Copies copies,
            Hub hub,
            InstantSource clock) {
        this.grant = grant;
        this.signer = signer;
        this.ingest = ingest;
        this.tables = tables;
        this.copies = copies;
        this.hub = hub;
        this.clock = clock;
    }

    @Override
    public void accept(News news) {
        ingest.applied(news.scope(), news.applied());
        if (news.head() != null) hub.grew(news.scope(), news.head());
        news.refused().forEach(this::refuse);
        news.appliedByAuthor().forEach(spans -> mark(Durability.APPLIED, news.scope(), spans));
        if (copies.isMirrored()) global(news);
    }

    /** What another region had before this one is in both from now on. */
    private void global(News news) {
        Set<ReplicaId> authors = Span.byReplica(news.applied()).keySet();
        try {
            global(news.scope(), tables.read(t -> copies.global(t, news.scope(), authors)));
        } catch (StoreException e) {
            LOG.debug("scope {}: it cannot be seen now what is GLOBAL", news.scope(), e);
        }
    }

    private void refuse(Rejection rejection) {
        ingest.refused(rejection);
        Verdict verdict = Verdict.signed(grant.replica(), rejection, signer);
        hub.refused(new Message.Reject(grant, verdict));
    }

    /** Of each author, all that is applied in as many regions as it takes. */
    void global(String scope, List<Span> spans) {
        Span.byReplica(spans).values().forEach(own -> mark(Durability.GLOBAL, scope, own));
    }

    private void mark(Durability level, String scope, List<Span> spans) {
        Receipt receipt = new Receipt(grant.replica(), scope, level, clock.millis(), spans);
        Receipt.Signed signed = receipt.signed(signer.apply(receipt.signedText()));
        hub.marked(new Message.Watermark(grant, signed));
    }
}
