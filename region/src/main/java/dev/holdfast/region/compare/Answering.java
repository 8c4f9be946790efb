package dev.holdfast.region.compare;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.sync.Session;
import dev.holdfast.region.ingest.Ingest;
import dev.holdfast.region.store.Inspection;
import java.util.List;
import java.util.Map;

/**
 * Answers {@link Question}s about this region, its own and those of others. What is offered goes
 * into the log once it is judged, from where the workers apply it like any push. Thread-safe.
 */
public final class Answering {
    private final ReplicaId node;
    private final Inspection inspection;
    private final Ingest ingest;
    private final Signed signed;

    /**
     * @param node this process of the region
     */
    public Answering(ReplicaId node, Inspection inspection, Ingest ingest, Signed signed) {
        this.node = node;
        this.inspection = inspection;
        this.ingest = ingest;
        this.signed = signed;
    }

    /** That the grant of whoever asks does not allow to read a scope. */
    public static final class Forbidden extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Forbidden(String scope) {
            super("the grant does not allow to read the scope " + scope);
        }
    }

    /**
     * The answer to a question, both encoded.
     *
     * @throws MalformedException when it is no question, or what it offers does not hold
     * @throws Forbidden when {@code asker} may not read what it is about
     * @throws dev.holdfast.region.store.StoreException when the database failed
     */
    public Bytes answer(Bytes encoded, Grant asker) {
        CborReader in = new CborReader(encoded);
        Question<?> question = Question.read(in);
        in.finish();
        question.about()
                .filter(scope -> !asker.mayRead(scope))
                .ifPresent(scope -> {
                    throw new Forbidden(scope);
                });
        CborWriter out = new CborWriter(1 << 10);
        switch (question) {
            case Question.Scopes asked -> asked.writeAnswer(out, scopes(asked, asker));
            case Question.Feed asked ->
                    asked.writeAnswer(out, inspection.feed(asked.scope(), asked.after()));
            case Question.Authors asked ->
                    asked.writeAnswer(out, inspection.authors(asked.scope(), asked.after()));
            case Question.Chain asked ->
                    asked.writeAnswer(
                            out,
                            inspection.chain(
                                    asked.scope(),
                                    asked.replica(),
                                    asked.after(),
                                    asked.upTo(),
                                    asked.listed()));
            case Question.Range asked ->
                    asked.writeAnswer(
                            out,
                            inspection.range(
                                    asked.scope(), asked.after(), asked.upTo(), asked.depth()));
            case Question.Documents asked ->
                    asked.writeAnswer(
                            out,
                            inspection.documents(
                                    asked.scope(), asked.after(), asked.upTo(), asked.depth()));
            case Question.States asked ->
                    asked.writeAnswer(
                            out,
                            inspection.states(
                                    asked.scope(),
                                    asked.documents(),
                                    asked.depth(),
                                    asked.rebuilt()));
            case Question.Touching asked ->
                    asked.writeAnswer(
                            out,
                            inspection.touching(asked.scope(), asked.dots(), asked.documents()));
            case Question.Fetch asked ->
                    asked.writeAnswer(
                            out,
                            inspection.batches(
                                    asked.scope(), asked.dots(), Question.BATCHES_BYTES));
            case Question.Offer asked -> asked.writeAnswer(out, keep(asked));
        }
        return out.toBytes();
    }

    private Question.ScopesOf scopes(Question.Scopes asked, Grant asker) {
        Inspection.Scopes all = inspection.scopes(asked.after(), asked.depth());
        List<Inspection.ScopeFound> readable =
                all.found().stream().filter(found -> asker.mayRead(found.name())).toList();
        return new Question.ScopesOf(
                node, new Inspection.Scopes(all.nowMillis(), all.schema(), readable, all.next()));
    }

    private long keep(Question.Offer offer) {
        Map<ReplicaId, Granted> grants = signed.check(offer.kept());
        if (offer.kept().batches().isEmpty()) return 0;
        return ingest.keep(
                        new Session.Action.Keep(
                                0, offer.scope(), offer.kept().batches(), grants, Map.of()))
                .pauseMillis();
    }
}
