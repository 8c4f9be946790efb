package dev.holdfast.core.sync;

import static dev.holdfast.core.sync.Peer.AUTHORITY;
import static dev.holdfast.core.sync.Peer.FORGED;
import static dev.holdfast.core.sync.Peer.NOON;
import static dev.holdfast.core.sync.Peer.SCOPE;
import static dev.holdfast.core.sync.Peer.SIGNATURE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.merge.Comparison;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Grant.Role;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.Opening;
import dev.holdfast.core.replica.Rejection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The server's machine alone, with answers that come when the test says so. */
final class SessionTest {
    private static final Bytes NONCE = Bytes.wrap(new byte[16]);

    private final Peer author = new Peer(1, Role.DEVICE);
    private final Peer forwarder = new Peer(2, Role.EDGE);
    private final Peer region = new Peer(3, Role.REGION);
    private final Session session =
            new Session(
                    new Session.Server(region.grant, Set.of(AUTHORITY), Durability.REGION), NONCE);

    @Test
    void a_grant_that_is_still_being_verified_counts_as_shown() {
        subscribed();
        Batch first = author.put("name", 1);
        Batch second = author.put("name", 2);
        Session.Action.Verify one = verify(push(first, author.grant));
        // Shown once per session: what comes right behind speaks of it.
        Session.Action.Verify two = verify(push(second));
        assertThat(kept(answer(one))).containsExactly(first);
        assertThat(kept(answer(two))).containsExactly(second);
    }

    @Test
    void the_answers_may_come_in_any_order() {
        subscribed();
        Batch first = author.put("name", 1);
        Batch second = author.put("name", 2);
        Batch third = author.put("name", 3);
        Session.Action.Verify one = verify(push(first, author.grant));
        Session.Action.Verify two = verify(push(second));
        assertThat(kept(answer(two))).containsExactly(second);
        Session.Action.Verify three = verify(push(third));
        assertThat(kept(answer(one))).containsExactly(first);
        assertThat(kept(answer(three))).containsExactly(third);
    }

    @Test
    void a_forged_grant_that_is_being_verified_lets_nothing_in() {
        subscribed();
        SignedGrant forged = SignedGrant.of(author.grant.grant(), FORGED);
        Session.Action.Verify one = verify(push(author.put("name", 1), forged));
        Session.Action.Verify two = verify(push(author.put("name", 2)));
        assertThat(refusals(answer(one))).containsExactly(Rejection.Code.NO_GRANT);
        assertThat(refusals(answer(two))).containsExactly(Rejection.Code.NO_GRANT);
        assertThat(refusals(push(author.put("name", 3))))
                .as("no longer shown")
                .containsExactly(Rejection.Code.NO_GRANT);
    }

    /** Renewed while the batch lay at the edge, or the edge's clock has stopped. */
    @Test
    void a_grant_that_counts_now_lets_in_what_was_seen_before_it_began() {
        subscribed();
        SignedGrant renewed = counting(author, NOON, 2 * NOON);
        Batch batch = author.put("name", 1);
        assertThat(kept(answer(verify(vouched(batch, renewed, 1))))).containsExactly(batch);
    }

    @Test
    void a_grant_that_is_over_lets_in_only_what_was_seen_before_that() {
        subscribed();
        SignedGrant over = counting(author, 0, NOON / 2);
        Batch batch = author.put("name", 1);
        assertThat(refusals(answer(verify(vouched(batch, over, NOON)))))
                .containsExactly(Rejection.Code.GRANT_EXPIRED);
        assertThat(kept(answer(verify(vouched(batch, over, NOON / 2))))).containsExactly(batch);
    }

    @Test
    void only_a_region_says_that_a_grant_does_not_count_yet() {
        SignedGrant early = counting(author, 2 * NOON, 3 * NOON);
        Message.Hello hello = new Message.Hello(Message.VERSION, early, NONCE, NONCE, SIGNATURE);
        assertThat(sent(receive(hello), Message.Bye.class)).hasSize(1);
        Session edges =
                new Session(
                        new Session.Server(forwarder.grant, Set.of(AUTHORITY), Durability.EDGE),
                        NONCE);
        assertThat(sent(edges.step(new Session.Event.Received(hello), NOON), Message.Bye.class))
                .isEmpty();
    }

    @Test
    void an_operators_grant_opens_no_session_and_lets_no_batch_in() {
        Peer operator = new Peer(4, Role.OPERATOR);
        Message.Hello hello =
                new Message.Hello(Message.VERSION, operator.grant, NONCE, NONCE, SIGNATURE);
        Session fresh =
                new Session(
                        new Session.Server(region.grant, Set.of(AUTHORITY), Durability.REGION),
                        NONCE);
        assertThat(sent(fresh.step(new Session.Event.Received(hello), NOON), Message.Bye.class))
                .singleElement()
                .extracting(Message.Bye::code)
                .isEqualTo(Message.Bye.Code.UNAUTHORIZED);
        subscribed();
        Session.Action.Verify shown = verify(push(operator.put("name", 1), operator.grant));
        assertThat(refusals(answer(shown))).containsExactly(Rejection.Code.FORBIDDEN);
    }

    @Test
    void what_a_client_says_to_a_comparison_is_bounded() {
        subscribed();
        Context piece = context(Limits.SPANS_PER_MESSAGE);
        for (int said = 0; said < Limits.INTERVALS_COMPARED; said += Limits.SPANS_PER_MESSAGE)
            assertThat(receive(have(piece))).isEmpty();
        Context more = new Context();
        more.add(author.id(), 1, 1);
        List<Session.Action> actions = receive(have(more));
        assertThat(sent(actions, Message.Bye.class))
                .singleElement()
                .satisfies(bye -> {
                    assertThat(bye.code()).isEqualTo(Message.Bye.Code.MALFORMED);
                    assertThat(bye.reason()).contains("100000 intervals");
                });
        assertThat(receive(have(more))).isEmpty();
    }

    /** Each subscription may bring others, and there is no end of subscriptions. */
    @Test
    void the_replicas_that_a_client_answers_for_are_bounded() {
        subscribed();
        int each = 10_000;
        for (int from = 1; from < Limits.ANSWERED_FOR; from += each)
            assertThat(sent(receive(pending(from, each - 1)), Message.Bye.class)).isEmpty();
        assertThat(sent(receive(pending(1, each - 1)), Message.Bye.class))
                .as("the same again")
                .isEmpty();
        assertThat(sent(receive(pending(Limits.ANSWERED_FOR + each, each)), Message.Bye.class))
                .extracting(Message.Bye::code)
                .containsExactly(Message.Bye.Code.MALFORMED);
    }

    private static Message.Subscribe pending(int from, int count) {
        Context pending = new Context();
        for (int i = from; i < from + count; i++) pending.add(new ReplicaId(i, 0), 1, 1);
        return new Message.Subscribe(SCOPE, null, Bytes.EMPTY, pending, Intervals.NONE);
    }

    @Test
    void a_client_says_no_more_to_comparisons_than_it_may() {
        Uplink uplink =
                new Uplink(new Uplink.Client(forwarder.grant, Set.of(AUTHORITY)), new Patience());
        Context large = context(Limits.INTERVALS_COMPARED + 5);
        int said = 0;
        for (int comparison = 0; comparison < 2; comparison++) {
            List<Message.Have> answer = new ArrayList<>();
            for (var action :
                    uplink.step(
                            new Uplink.Event.Different(SCOPE, Comparison.with(List.of(), large)),
                            NOON))
                answer.add((Message.Have) ((Uplink.Action.Send) action).message());
            assertThat(answer.get(answer.size() - 1).last()).isTrue();
            for (Message.Have have : answer) {
                MessageCodec.decode(MessageCodec.encode(have));
                said += have.piece().context().intervals();
            }
        }
        assertThat(said).isLessThanOrEqualTo(Limits.INTERVALS_COMPARED).isGreaterThan(90_000);
    }

    /** Which of it is in both, and so safe against the loss of one, is what it comes to hear. */
    @Test
    void another_region_that_has_the_same_hears_of_all_that_is_applied_and_is_sent_nothing() {
        subscribed(new Peer(4, Role.REGION));
        Batch batch = author.put("name", 1);
        FeedHead head = FeedHead.START.next(batch.hash());
        Opening same = new Opening(head, head, true, List.of(), List.of());
        List<Session.Action> actions =
                session.step(
                        new Session.Event.Looked(
                                SCOPE, same, List.of(), List.of(), List.of(), List.of()),
                        NOON);
        assertThat(only(actions, Session.Action.ReadFeed.class).after()).isZero();
        actions =
                session.step(
                        new Session.Event.FeedRead(
                                SCOPE,
                                List.of(new FeedItem(head, batch)),
                                Map.of(author.id(), Granted.of(author.grant)),
                                List.of(Span.of(batch)),
                                List.of(),
                                new Context()),
                        NOON);
        var sign = only(actions, Session.Action.Sign.class);
        actions = session.step(new Session.Event.Signed(sign.id(), SIGNATURE), NOON);
        assertThat(sent(actions, Message.Ack.class))
                .singleElement()
                .satisfies(ack ->
                        assertThat(ack.receipt().receipt().spans())
                                .containsExactly(Span.of(batch)));
        assertThat(sent(actions, Message.Changes.class))
                .singleElement()
                .satisfies(changes -> {
                    assertThat(changes.batches()).isEmpty();
                    assertThat(changes.cursor().head()).isEqualTo(head);
                });
    }

    // Driving it.

    private static Context context(int replicas) {
        Context context = new Context();
        for (int i = 1; i <= replicas; i++) context.add(new ReplicaId((long) i << 40, i), 1, 9);
        return context;
    }

    private static Message.Have have(Context context) {
        Comparison none = Comparison.with(List.of(), new Context());
        return new Message.Have(SCOPE, new Comparison(none.of(), none.same(), context), false);
    }

    private void subscribed() {
        subscribed(forwarder);
    }

    private void subscribed(Peer client) {
        List<Session.Action> actions =
                receive(new Message.Hello(Message.VERSION, client.grant, NONCE, NONCE, SIGNATURE));
        actions = answer(verify(actions));
        var sign = only(actions, Session.Action.Sign.class);
        session.step(new Session.Event.Signed(sign.id(), SIGNATURE), NOON);
        receive(new Message.Subscribe(SCOPE, null, Bytes.EMPTY, new Context(), Intervals.NONE));
    }

    private List<Session.Action> receive(Message message) {
        return session.step(new Session.Event.Received(message), NOON);
    }

    private List<Session.Action> push(Batch batch, SignedGrant... grants) {
        return receive(new Message.Push(SCOPE, List.of(grants), List.of(batch), List.of()));
    }

    /** As {@code forwarder} pushes it, with its word for when it had the batch. */
    private List<Session.Action> vouched(Batch batch, SignedGrant grant, long seenMillis) {
        Receipt receipt =
                new Receipt(
                        forwarder.id(),
                        SCOPE,
                        Durability.EDGE,
                        seenMillis,
                        List.of(Span.of(batch)));
        return receive(
                new Message.Push(
                        SCOPE, List.of(grant), List.of(batch), List.of(receipt.signed(SIGNATURE))));
    }

    private static SignedGrant counting(Peer peer, long fromMillis, long toMillis) {
        Grant given = peer.grant.grant();
        return SignedGrant.of(
                new Grant(
                        given.publicKey(),
                        given.subject(),
                        given.role(),
                        given.rights(),
                        fromMillis,
                        toMillis,
                        0),
                SIGNATURE);
    }

    private List<Session.Action> answer(Session.Action.Verify verify) {
        var answers = Line.answers(verify.checks());
        return session.step(new Session.Event.Verified(verify.id(), answers), NOON);
    }

    private static Session.Action.Verify verify(List<Session.Action> actions) {
        return only(actions, Session.Action.Verify.class);
    }

    private static List<Batch> kept(List<Session.Action> actions) {
        return only(actions, Session.Action.Keep.class).batches();
    }

    private List<Rejection.Code> refusals(List<Session.Action> actions) {
        Session.Action.Sign sign = only(actions, Session.Action.Sign.class);
        List<Session.Action> signed =
                session.step(new Session.Event.Signed(sign.id(), SIGNATURE), NOON);
        return sent(signed, Message.Reject.class).stream()
                .map(reject -> reject.rejection().code())
                .toList();
    }

    private static <M extends Message> List<M> sent(List<Session.Action> actions, Class<M> kind) {
        return actions.stream()
                .filter(Session.Action.Send.class::isInstance)
                .map(action -> ((Session.Action.Send) action).message())
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    private static <A extends Session.Action> A only(List<Session.Action> actions, Class<A> kind) {
        assertThat(actions).hasAtLeastOneElementOfType(kind);
        return Objects.requireNonNull(
                actions.stream().filter(kind::isInstance).map(kind::cast).findFirst().orElse(null));
    }
}
