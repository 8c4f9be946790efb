package dev.holdfast.core.sync;

import static dev.holdfast.core.sync.Peer.FORGED;
import static dev.holdfast.core.sync.Peer.NOON;
import static dev.holdfast.core.sync.Peer.SCOPE;
import static dev.holdfast.core.sync.Peer.SIGNATURE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Limits;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Grant.Role;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Admission;
import dev.holdfast.core.replica.Cursor;
import dev.holdfast.core.replica.Heard;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.Verdict;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Sessions from end to end. */
final class LineTest {
    private final Peer amina = new Peer(1, Role.DEVICE);
    private final Peer bola = new Peer(2, Role.DEVICE);
    private final Peer edge = new Peer(3, Role.EDGE);
    private final Peer region = new Peer(9, Role.REGION);

    @Test
    void what_one_device_writes_another_gets_through_an_edge() {
        amina.write("name", 1);
        Line up = new Line(amina, edge).open();
        amina.write("age", 2);
        up.grew();
        assertThat(up.said(Message.Ack.class)).isNotEmpty();
        new Line(bola, edge).open();
        assertThat(bola.document()).isEqualTo(amina.document()).isEqualTo(edge.document());
        assertThat(new Line(bola, edge).open().said(Message.Changes.class))
                .as("resumed from its cursor")
                .isEmpty();
    }

    @Test
    void more_small_batches_than_a_message_may_hold_travel_in_several() {
        for (int i = 0; i < 4 * Limits.BATCHES_PER_MESSAGE; i++) amina.put("name", i);
        Line up = new Line(amina, edge).open();
        Line down = new Line(bola, edge).open();
        assertThat(up.said(Message.Push.class))
                .anyMatch(push -> push.batches().size() == Limits.BATCHES_PER_MESSAGE);
        assertThat(down.said(Message.Changes.class))
                .anyMatch(page -> page.batches().size() == Limits.BATCHES_PER_MESSAGE);
        assertThat(bola.document()).isEqualTo(amina.document());
    }

    @Test
    void two_that_have_the_same_compare_nothing_in_the_session_after() {
        Batch batch = amina.put("name", 1);
        edge.receive(amina, batch);
        bola.receive(amina, batch);
        Line first = new Line(bola, edge).open();
        assertThat(first.said(Message.Compare.class)).isEmpty();
        assertThat(cursorAtHead(bola)).isTrue();
    }

    @Test
    void contexts_are_compared_once_though_there_was_nothing_new() {
        Batch batch = amina.put("name", 1);
        edge.receive(amina, batch);
        bola.receive(amina, batch);
        bola.put("city", 2);
        Line first = new Line(bola, edge).open();
        assertThat(first.said(Message.Compare.class)).hasSize(1);
        assertThat(first.said(Message.Changes.class))
                .allSatisfy(changes -> assertThat(changes.batches()).isEmpty());
        assertThat(edge.document()).isEqualTo(bola.document());
        Line second = new Line(bola, edge).open();
        assertThat(second.said(Message.Compare.class)).isEmpty();
        assertThat(cursorAtHead(bola)).isTrue();
        assertThat(new Line(bola, edge).open().said(Message.Changes.class)).isEmpty();
    }

    @Test
    void what_is_the_same_on_both_sides_is_not_sent_and_what_came_since_is() {
        Batch first = amina.put("name", 1);
        edge.receive(amina, first);
        bola.receive(amina, first);
        bola.put("city", 2);
        Line line = new Line(bola, edge);
        // While the client answers, the range that was the same grows.
        Batch second = amina.put("name", 3);
        line.beforeHave = () -> edge.receive(amina, second);
        line.open();
        assertThat(
                        line.said(Message.Changes.class).stream()
                                .flatMap(changes -> changes.batches().stream()))
                .containsExactly(second);
        assertThat(edge.document()).isEqualTo(bola.document());
    }

    @Test
    void who_pushes_is_not_told_of_each_push_that_the_feed_has_grown() {
        Line line = new Line(amina, edge).open();
        for (int i = 0; i < 20; i++) {
            amina.write("name", i);
            line.grew();
        }
        assertThat(line.said(Message.Push.class)).hasSize(20);
        assertThat(line.said(Message.Changes.class)).isEmpty();
    }

    /** A copied key: the server has one branch, and the client must show it the other. */
    @Test
    void a_branch_is_not_taken_for_the_other_that_the_server_has() {
        Peer twin = new Peer(amina.grant, amina.store.copy());
        Batch one = amina.put("name", 1);
        Batch next = amina.put("name", 2);
        Batch other = twin.put("name", 3);
        Peer clinic = new Peer(4, Role.EDGE);
        clinic.takeIn(amina, one, next);
        region.receive(twin, other);
        Line line = new Line(clinic, region).open();
        assertThat(pushed(line)).containsExactly(one, next);
        assertThat(line.said(Message.Reject.class).stream().map(said -> said.rejection().span()))
                .containsExactly(Span.of(one), Span.of(next));
        assertThat(unconfirmed(clinic).isEmpty()).as("given up by the verdict").isTrue();
        assertThat(pushed(new Line(clinic, region).open())).as("never said to be there").isEmpty();
    }

    /** A push may come a second time, long after its answer. */
    @Test
    void what_was_refused_and_comes_back_into_the_outbox_is_shown_once_more() {
        Peer twin = new Peer(amina.grant, amina.store.copy());
        Batch one = amina.put("name", 1);
        Peer clinic = new Peer(4, Role.EDGE);
        clinic.takeIn(amina, one);
        region.receive(twin, twin.put("name", 2));
        Line line = new Line(clinic, region).open();
        clinic.takeIn(amina, one);
        assertThat(unconfirmed(clinic).isEmpty()).as("given up").isFalse();
        line.again(1);
        assertThat(pushed(line)).containsExactly(one, one);
        assertThat(unconfirmed(clinic).isEmpty()).as("given up").isTrue();
    }

    @Test
    void an_edges_refusal_is_seen_until_somebody_takes_the_batch() {
        Batch batch = amina.put("name", 1);
        Line line = new Line(amina, edge).open();
        line.heard(new Message.Reject(null, refusal(edge, batch)));
        assertThat(refusals(amina)).containsExactly(Rejection.Code.GRANT_EXPIRED);
        assertThat(unconfirmed(amina).isEmpty()).as("given up").isFalse();
        new Line(amina, edge).open();
        assertThat(refusals(amina)).isEmpty();
        assertThat(unconfirmed(amina).isEmpty()).as("given up").isFalse();
    }

    @Test
    void a_regions_own_word_is_for_good() {
        Batch batch = amina.put("name", 1);
        Line line = new Line(amina, region).open();
        line.heard(new Message.Reject(null, refusal(region, batch)));
        assertThat(refusals(amina)).containsExactly(Rejection.Code.GRANT_EXPIRED);
        assertThat(unconfirmed(amina).isEmpty()).as("given up").isTrue();
    }

    @Test
    void an_edge_cannot_speak_for_a_region_or_for_another_edge() {
        Batch batch = amina.put("name", 1);
        Line line = new Line(amina, edge).open();
        Verdict forged = new Verdict(region.id(), refusal(region, batch).rejection(), FORGED);
        line.heard(new Message.Reject(region.grant, forged));
        Peer other = new Peer(4, Role.EDGE);
        line.heard(new Message.Reject(other.grant, refusal(other, batch)));
        assertThat(refusals(amina)).isEmpty();
        assertThat(unconfirmed(amina).isEmpty()).as("given up").isFalse();
    }

    /** Where this device's own grant says the same, every honest node will. */
    @Test
    void what_its_own_grant_forbids_a_device_gives_up_at_an_edges_word() {
        Grant.Right ordersOnly = new Grant.Right(Grant.ANY, true, List.of("orders"));
        Peer clerk = new Peer(5, Role.DEVICE, ordersOnly);
        clerk.put("name", 1);
        new Line(clerk, edge).open();
        assertThat(refusals(clerk)).containsExactly(Rejection.Code.FORBIDDEN);
        assertThat(unconfirmed(clerk).isEmpty()).as("given up").isTrue();
    }

    /** An edge in between may have shown the region another grant than the newest. */
    @Test
    void a_regions_refusal_that_others_pass_on_is_for_good_where_it_is_about_the_batch_itself() {
        Batch batch = amina.put("name", 1);
        Line line = new Line(amina, edge).open();
        line.heard(new Message.Reject(region.grant, refusal(region, batch)));
        assertThat(refusals(amina)).containsExactly(Rejection.Code.GRANT_EXPIRED);
        assertThat(unconfirmed(amina).isEmpty()).as("given up").isFalse();
        Rejection fork = Admission.refuse(batch, Rejection.Code.FORK, "two of them");
        line.heard(new Message.Reject(null, new Verdict(region.id(), fork, SIGNATURE)));
        assertThat(unconfirmed(amina).isEmpty()).as("given up").isTrue();
    }

    @Test
    void that_a_region_kept_a_batch_aside_lifts_no_refusal_of_it() {
        Batch batch = amina.put("name", 1);
        Rejection fork = Admission.refuse(batch, Rejection.Code.FORK, "two of them");
        Verdict verdict = new Verdict(region.id(), fork, SIGNATURE);
        Receipt kept =
                new Receipt(region.id(), SCOPE, Durability.REGION, NOON, List.of(Span.of(batch)));
        amina.store.write(tables -> {
            Upstream upstream = new Upstream(tables, amina.id(), Role.DEVICE, Durability.REGION);
            upstream.refuse(new Uplink.Action.Refused(verdict, region.grant, true), NOON);
            return upstream.believe(
                    new Uplink.Action.Believe(kept.signed(SIGNATURE), region.grant));
        });
        assertThat(refusals(amina)).containsExactly(Rejection.Code.FORK);
    }

    @Test
    void what_was_written_while_it_was_allowed_is_read_by_all_who_come_later() {
        amina.put("name", 1);
        new Line(amina, edge).open();
        Peer less = amina.withRight(new Grant.Right(Grant.ANY, true, List.of("orders")));
        edge.store.write(tables -> {
            tables.addGrant(less.grant);
            return true;
        });
        new Line(bola, edge).open();
        assertThat(bola.document()).isEqualTo(amina.document());
    }

    @Test
    void what_an_edge_took_in_while_it_was_allowed_a_region_takes_too() {
        amina.put("name", 1);
        new Line(amina, edge).open();
        Peer less = amina.withRight(new Grant.Right(Grant.ANY, true, List.of("orders")));
        less.write("name", 2);
        new Line(less, edge).open();
        assertThat(refusals(less)).containsExactly(Rejection.Code.FORBIDDEN);
        new Line(edge, region).open();
        assertThat(region.document()).isEqualTo(edge.document());
        assertThat(unconfirmed(edge).of(amina.id())).isEqualTo(Intervals.NONE.with(1, 1));
        assertThat(refusals(edge, amina)).isEmpty();
    }

    private static Verdict refusal(Peer by, Batch batch) {
        Rejection.Code code = Rejection.Code.GRANT_EXPIRED;
        return new Verdict(by.id(), Admission.refuse(batch, code, "too late"), SIGNATURE);
    }

    private static List<Rejection.Code> refusals(Peer author) {
        return refusals(author, author);
    }

    /** Those that {@code at} was told of. */
    private static List<Rejection.Code> refusals(Peer at, Peer author) {
        return at.store.read(tables -> tables.verdicts(SCOPE, author.id())).stream()
                .map(verdict -> verdict.rejection().code())
                .toList();
    }

    private static Context unconfirmed(Peer peer) {
        return peer.store.read(tables -> tables.unconfirmed(SCOPE));
    }

    /** Also while it is cut off: it keeps the region's own word. */
    @Test
    void an_author_that_was_away_hears_from_its_edge_what_a_region_said() {
        Batch batch = amina.put("name", 1);
        edge.takeIn(amina, batch);
        applied(edge, batch);
        Line line = new Line(amina, edge).open();
        assertThat(unconfirmed(amina).isEmpty()).isTrue();
        assertThat(pushed(line)).isEmpty();
    }

    @Test
    void who_reads_asks_how_safe_that_is_until_a_region_has_said_it() {
        Batch batch = amina.put("name", 1);
        edge.takeIn(amina, batch);
        Line line = new Line(bola, edge).open();
        line.later(1_000);
        assertThat(line.said(Message.Ask.class)).hasSize(1);
        assertThat(known(bola)).isEqualTo(Durability.EDGE);
        applied(edge, batch);
        line.later(5_000);
        assertThat(line.said(Message.Ask.class)).hasSize(2);
        assertThat(known(bola)).isEqualTo(Durability.APPLIED);
        line.later(60_000);
        assertThat(line.said(Message.Ask.class)).as("all is known").hasSize(2);
        assertThat(refusals(bola, amina)).isEmpty();
        Line after = new Line(bola, edge).open();
        after.later(1_000);
        assertThat(after.said(Message.Ask.class)).isEmpty();
    }

    @Test
    void questions_about_what_nobody_can_answer_become_few() {
        edge.takeIn(amina, amina.put("name", 1));
        Line line = new Line(bola, edge).open();
        for (int second = 0; second < 600; second++) line.later(1_000);
        assertThat(line.said(Message.Ask.class)).hasSizeBetween(10, 14);
    }

    @Test
    void a_region_says_with_its_changes_what_is_applied() {
        region.receive(amina, amina.put("name", 1));
        Line line = new Line(bola, region);
        line.open().later(1_000);
        assertThat(line.said(Message.Ask.class)).isEmpty();
        assertThat(known(bola)).isEqualTo(Durability.APPLIED);
    }

    @Test
    void a_document_is_as_safe_as_the_least_safe_of_what_it_shows() {
        Batch name = amina.put("name", 1);
        Batch city = amina.put("city", 2);
        bola.receive(amina, name, city);
        assertThat(known(bola)).isEqualTo(Durability.EDGE);
        applied(bola, name);
        assertThat(known(bola)).isEqualTo(Durability.EDGE);
        applied(bola, name, city);
        assertThat(known(bola)).isEqualTo(Durability.APPLIED);
    }

    /** How safe {@code reader} knows the document to be. */
    private static Durability known(Peer reader) {
        return reader.store.read(tables ->
                new Heard(tables, SCOPE)
                        .ofAll(tables.document(SCOPE, Peer.P1), Set.of(reader.id())));
    }

    /** {@code at} hears from the region that these are applied. */
    private void applied(Peer at, Batch... batches) {
        List<Span> spans = Span.of(List.of(batches));
        Receipt applied = new Receipt(region.id(), SCOPE, Durability.APPLIED, NOON, spans);
        at.store.write(tables ->
                new Upstream(tables, at.id(), at.grant.grant().role(), Durability.APPLIED)
                        .believe(
                                new Uplink.Action.Believe(
                                        applied.signed(SIGNATURE), region.grant)));
    }

    @Test
    void what_was_acknowledged_is_not_sent_again_over_a_gap_either() {
        Batch one = amina.put("name", 1);
        Batch two = amina.put("name", 2);
        Batch three = amina.put("name", 3);
        Peer clinic = new Peer(4, Role.EDGE);
        clinic.takeIn(amina, one, three);
        assertThat(pushed(new Line(clinic, edge).open())).containsExactly(one, three);
        edge.receive(amina, two);
        assertThat(pushed(new Line(clinic, edge).open())).isEmpty();
    }

    /** Batches that came in one push need not be of one branch. */
    @Test
    void a_span_joins_only_batches_that_follow_each_other() {
        Peer twin = new Peer(amina.grant, amina.store.copy());
        Batch one = amina.put("name", 1);
        Batch two = amina.put("name", 2);
        Batch other = twin.put("name", 3);
        assertThat(Span.of(List.of(one, two)))
                .containsExactly(new Span(amina.id(), 1, 2, two.hash()));
        assertThat(Span.of(List.of(other, two))).containsExactly(Span.of(other), Span.of(two));
    }

    @Test
    void what_an_edge_had_from_above_is_sent_to_it_all_the_same() {
        Batch batch = amina.put("name", 1);
        edge.receive(amina, batch);
        assertThat(pushed(new Line(amina, edge).open())).containsExactly(batch);
    }

    private static List<Batch> pushed(Line line) {
        return line.said(Message.Push.class).stream()
                .flatMap(push -> push.batches().stream())
                .toList();
    }

    private boolean cursorAtHead(Peer peer) {
        Cursor cursor = peer.store.read(tables -> tables.cursor(SCOPE));
        return new Cursor(edge.id(), edge.store.read(tables -> tables.feedHead(SCOPE)))
                .equals(cursor);
    }
}
