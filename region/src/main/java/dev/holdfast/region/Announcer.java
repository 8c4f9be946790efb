package dev.holdfast.region;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.Verdict;
import dev.holdfast.core.sync.Message;
import dev.holdfast.node.sync.Hub;
import dev.holdfast.region.ingest.Ingest;
import dev.holdfast.region.worker.News;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Tells this process's sessions what is applied, one signed receipt per author, so that each
 * session gets those that concern it; and what is refused. Thread-safe.
 */
final class Announcer implements Consumer<News> {
    private final SignedGrant grant;
    private final UnaryOperator<Bytes> signer;
    private final Ingest ingest;
    private final Hub hub;
    private final InstantSource clock;

    Announcer(
            SignedGrant grant,
            UnaryOperator<Bytes> signer,
            Ingest ingest,
            Hub hub,
            InstantSource clock) {
        this.grant = grant;
        this.signer = signer;
        this.ingest = ingest;
        this.hub = hub;
        this.clock = clock;
    }

    @Override
    public void accept(News news) {
        ingest.applied(news.scope(), news.applied());
        if (news.head() != null) hub.grew(news.scope(), news.head());
        news.refused().forEach(this::refuse);
        news.appliedByAuthor().forEach(spans -> mark(news.scope(), spans));
    }

    private void refuse(Rejection rejection) {
        Verdict verdict = Verdict.signed(grant.replica(), rejection, signer);
        hub.refused(new Message.Reject(grant, verdict));
    }

    private void mark(String scope, List<Span> spans) {
        Receipt receipt =
                new Receipt(grant.replica(), scope, Durability.APPLIED, clock.millis(), spans);
        Receipt.Signed signed = receipt.signed(signer.apply(receipt.signedText()));
        hub.marked(new Message.Watermark(grant, signed));
    }
}
