package dev.holdfast.region.compare;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignatureCheck;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Admission;
import dev.holdfast.core.sync.Session;
import dev.holdfast.keys.Verifier;
import dev.holdfast.region.ingest.Ingest;
import dev.holdfast.region.store.Inspection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Answers {@link Question}s about this region, its own and those of others. What is offered is
 * judged by the rule that every reader goes by, signatures, grants and rights without the time, and
 * put into the log, from where the workers apply it like any push. Thread-safe.
 */
public final class Answering {
    private final ReplicaId node;
    private final Set<Bytes> authorities;
    private final Inspection inspection;
    private final Ingest ingest;
    private final Verifier verifier;

    /**
     * @param node this process of the region
     * @param authorities the public keys that may sign grants
     */
    public Answering(
            ReplicaId node,
            Set<Bytes> authorities,
            Inspection inspection,
            Ingest ingest,
            Verifier verifier) {
        this.node = node;
        this.authorities = Set.copyOf(authorities);
        this.inspection = inspection;
        this.ingest = ingest;
        this.verifier = verifier;
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
                            out, inspection.chain(asked.scope(), asked.replica(), asked.after()));
            case Question.Range asked ->
                    asked.writeAnswer(
                            out, inspection.range(asked.scope(), asked.after(), asked.upTo()));
            case Question.Documents asked ->
                    asked.writeAnswer(
                            out, inspection.documents(asked.scope(), asked.after(), asked.upTo()));
            case Question.States asked ->
                    asked.writeAnswer(
                            out,
                            inspection.states(asked.scope(), asked.documents(), asked.rebuilt()));
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
        Inspection.Scopes all = inspection.scopes(asked.after(), asked.digests());
        List<Inspection.ScopeFound> readable =
                all.found().stream().filter(found -> asker.mayRead(found.name())).toList();
        return new Question.ScopesOf(
                node, new Inspection.Scopes(all.nowMillis(), readable, all.next()));
    }

    private long keep(Question.Offer offer) {
        Map<ReplicaId, SignedGrant> grants = new TreeMap<>();
        for (SignedGrant grant : offer.kept().grants()) {
            if (authorities.stream().noneMatch(authority -> hold(grant.checks(authority))))
                throw new MalformedException("a grant that no authority signed");
            grants.put(grant.replica(), grant);
        }
        for (Batch batch : offer.kept().batches()) {
            SignedGrant grant = grants.get(batch.author());
            if (grant == null) throw new MalformedException("a batch without its author's grant");
            if (Admission.judge(batch, grant) != null)
                throw new MalformedException("a batch that its author may not write");
            if (!hold(List.of(batch.check(grant.publicKey()))))
                throw new MalformedException("a batch that its author did not sign");
        }
        if (offer.kept().batches().isEmpty()) return 0;
        return ingest.keep(
                        new Session.Action.Keep(
                                0, offer.scope(), offer.kept().batches(), grants, Map.of()))
                .pauseMillis();
    }

    private boolean hold(List<SignatureCheck> checks) {
        return checks.stream()
                .allMatch(check ->
                        verifier.verify(check.publicKey(), check.text(), check.signature()));
    }
}
