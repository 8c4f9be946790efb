package dev.holdfast.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.BatchBody;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Transaction;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.sync.Session;
import dev.holdfast.keys.ReplicaKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RecentFeedTest {
    private final ReplicaKey key = ReplicaKey.create(Clinic.ENTROPY);
    private final SignedGrant grant = Clinic.grant(key, key.publicKey(), Grant.Role.DEVICE, 1);
    private final Map<ReplicaId, Granted> grants = Map.of(key.replica(), Granted.of(grant));
    private final List<Batch> batches = batches(3_000);
    private final List<FeedHead> heads = heads(batches);
    private final RecentFeed feed = new RecentFeed();

    private List<Batch> batches(int count) {
        List<Batch> all = new ArrayList<>();
        Bytes previous = Bytes.EMPTY;
        for (int seq = 1; seq <= count; seq++) {
            Operation operation =
                    new Operation(
                            new Dot(key.replica(), seq),
                            Hlc.of(seq, 0),
                            "patients",
                            "p",
                            List.of(Edit.put(Key.register("n"), Value.of(seq), List.of())));
            Batch.Draft draft =
                    Batch.draft(
                            new BatchBody(
                                    Clinic.SCOPE,
                                    key.replica(),
                                    seq,
                                    previous,
                                    List.of(new Transaction(null, List.of(operation)))));
            previous = draft.hash();
            all.add(draft.signed(Bytes.wrap(new byte[64])));
        }
        return all;
    }

    private static List<FeedHead> heads(List<Batch> batches) {
        List<FeedHead> heads = new ArrayList<>(List.of(FeedHead.START));
        for (Batch batch : batches) heads.add(heads.getLast().next(batch.hash()));
        return heads;
    }

    private void add(int from, int to) {
        feed.add(heads.get(from), batches.subList(from, to), heads.get(to), grants);
    }

    private static Session.Action.ReadFeed ask(long after, int maxBytes) {
        return new Session.Action.ReadFeed(Clinic.SCOPE, null, after, maxBytes);
    }

    private List<FeedItem> read(long after, int maxBytes) {
        return Objects.requireNonNull(feed.read(ask(after, maxBytes))).items();
    }

    @Test
    void it_answers_with_what_follows_without_a_gap() {
        add(0, 2);
        add(3, 5);
        assertThat(feed.read(ask(0, 1 << 20)))
                .isEqualTo(
                        new Session.Event.FeedRead(
                                Clinic.SCOPE,
                                List.of(
                                        new FeedItem(heads.get(1), batches.get(0)),
                                        new FeedItem(heads.get(2), batches.get(1))),
                                grants,
                                List.of(),
                                List.of(),
                                new Context()));
        assertThat(feed.read(ask(2, 1 << 20))).isNull();
        add(2, 3);
        assertThat(read(0, 1 << 20)).hasSize(5);
        assertThat(read(0, 1)).hasSize(1);
        assertThat(feed.read(new Session.Action.ReadFeed("clinic-8", null, 0, 1 << 20))).isNull();
    }

    @Test
    void what_does_not_lead_to_the_head_is_not_remembered() {
        feed.add(heads.get(0), batches.subList(0, 2), heads.get(1), grants);
        feed.add(heads.get(0), batches.subList(1, 3), heads.get(2), grants);
        assertThat(feed.read(ask(0, 1 << 20))).isNull();
    }

    @Test
    void the_old_makes_room_for_the_new() {
        add(0, 3_000);
        assertThat(feed.read(ask(0, 1 << 20))).isNull();
        assertThat(read(2_900, 1 << 20)).hasSize(100);
    }
}
