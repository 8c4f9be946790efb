package dev.holdfast.core.sync;

import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignatureCheck;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Admission;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.sync.Session.Action;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The pushes of one client on their way: verified, judged, kept, and only then acknowledged. A part
 * of {@link Session}. Every batch is judged by itself: a refused one never holds up another.
 */
final class Pushes {
    private static final int MOST = 8;

    private final Session.Server server;
    private final Guest guest;
    private final Grants grants;
    private final Questions<Action> questions;
    private final Function<Receipt, List<Action>> acknowledge;
    private final Function<Rejection, List<Action>> refuse;

    private int underWay;

    /** {@code acknowledge} has a receipt signed and sent, {@code refuse} a refusal. */
    Pushes(
            Session.Server server,
            Guest guest,
            Grants grants,
            Questions<Action> questions,
            Function<Receipt, List<Action>> acknowledge,
            Function<Rejection, List<Action>> refuse) {
        this.server = server;
        this.guest = guest;
        this.grants = grants;
        this.questions = questions;
        this.acknowledge = acknowledge;
        this.refuse = refuse;
    }

    boolean isFull() {
        return underWay >= MOST;
    }

    /** A batch on its way through the checks, and the place of its signature's answer. */
    private record Candidate(Batch batch, SignedGrant grant, int check) {}

    /** What a client pushes in {@code feed}'s scope. */
    List<Action> push(Message.Push push, Feed feed) {
        List<SignatureCheck> checks = new ArrayList<>();
        List<Receipt> vouching = vouching(push, checks);
        Grants.Use use = grants.use(push.grants(), checks);
        List<Action> actions = new ArrayList<>();
        List<Candidate> candidates = new ArrayList<>();
        for (Batch batch : push.batches()) {
            SignedGrant grant = use.of(batch);
            if (grant == null) {
                String reason = "no grant of the author was shown";
                actions.addAll(
                        refuse.apply(Admission.refuse(batch, Rejection.Code.NO_GRANT, reason)));
                continue;
            }
            candidates.add(new Candidate(batch, grant, checks.size()));
            checks.add(batch.check(grant.publicKey()));
        }
        if (candidates.isEmpty()) return actions;
        underWay++;
        long id =
                questions.checks((answers, now) -> {
                    use.answered(answers);
                    Map<ReplicaId, Long> firstSeen = firstSeen(vouching, answers, now);
                    return judged(feed, push.scope(), candidates, use, answers, firstSeen, now);
                });
        actions.add(new Action.Verify(id, checks));
        return actions;
    }

    /** Receipts that count: only the edge that pushes vouches for when it received. */
    private List<Receipt> vouching(Message.Push push, List<SignatureCheck> checks) {
        List<Receipt> vouching = new ArrayList<>();
        if (guest.grant().grant().role() != Grant.Role.EDGE) return vouching;
        for (Receipt.Signed receipt : push.receipts()) {
            if (!receipt.receipt().node().equals(guest.grant().replica())) continue;
            vouching.add(receipt.receipt());
            checks.add(receipt.check(guest.grant().publicKey()));
        }
        return vouching;
    }

    /** Per author, the latest time that is vouched for, and never the future. */
    private static Map<ReplicaId, Long> firstSeen(
            List<Receipt> vouching, List<Boolean> answers, long now) {
        Map<ReplicaId, Long> firstSeen = new HashMap<>();
        for (int i = 0; i < vouching.size(); i++) {
            if (!answers.get(i)) continue;
            long time = Math.min(vouching.get(i).timeMillis(), now);
            for (Span span : vouching.get(i).spans())
                firstSeen.merge(span.replica(), time, Math::max);
        }
        return firstSeen;
    }

    private List<Action> judged(
            Feed feed,
            String scope,
            List<Candidate> candidates,
            Grants.Use use,
            List<Boolean> answers,
            Map<ReplicaId, Long> firstSeen,
            long now) {
        List<Action> actions = new ArrayList<>();
        List<Batch> accepted = new ArrayList<>();
        Map<ReplicaId, Granted> authors = new HashMap<>();
        for (Candidate candidate : candidates) {
            Batch batch = candidate.batch();
            long seen = firstSeen.getOrDefault(batch.author(), now);
            boolean signed = answers.get(candidate.check());
            Rejection refusal = refusal(candidate, use, signed, seen, server.latestMillis(now));
            if (refusal != null) {
                actions.addAll(refuse.apply(refusal));
            } else {
                accepted.add(batch);
                authors.merge(batch.author(), Granted.of(candidate.grant()), Granted::with);
            }
        }
        if (accepted.isEmpty()) {
            underWay--;
            return actions;
        }
        guest.answersFor(authors.keySet());
        guest.pushed(accepted);
        long id =
                questions.ask((answer, later) -> {
                    underWay--;
                    guest.kept(accepted);
                    return kept(feed, scope, (Session.Event.Kept) answer, later);
                });
        actions.add(new Action.Keep(id, scope, accepted, authors, firstSeen));
        return actions;
    }

    private static @Nullable Rejection refusal(
            Candidate candidate,
            Grants.Use use,
            boolean signed,
            long firstSeenMillis,
            long latestMillis) {
        Batch batch = candidate.batch();
        if (use.isForged(candidate.grant())) {
            String reason = "the grant is not by an authority of this deployment";
            return Admission.refuse(batch, Rejection.Code.NO_GRANT, reason);
        }
        if (!signed) {
            String reason = "the signature is not the author's";
            return Admission.refuse(batch, Rejection.Code.BAD_SIGNATURE, reason);
        }
        return Admission.judge(batch, candidate.grant(), firstSeenMillis, latestMillis);
    }

    private List<Action> kept(Feed feed, String scope, Session.Event.Kept kept, long nowMillis) {
        List<Action> actions = new ArrayList<>();
        kept.flushed().forEach(feed::has);
        List<Span> spans = Span.of(kept.flushed());
        if (!spans.isEmpty()) {
            Receipt receipt = new Receipt(server.node(), scope, server.level(), nowMillis, spans);
            actions.addAll(acknowledge.apply(receipt));
        }
        for (Rejection rejection : kept.refused()) actions.addAll(refuse.apply(rejection));
        if (kept.pauseMillis() > 0) {
            int window = Message.Pace.OPEN.windowBytes();
            actions.add(new Action.Send(new Message.Pace(window, kept.pauseMillis())));
        }
        return actions;
    }
}
