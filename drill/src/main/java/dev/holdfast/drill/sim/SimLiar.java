package dev.holdfast.drill.sim;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.BatchBody;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.operation.Transaction;
import dev.holdfast.core.replica.Admission;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.MemoryStore;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.Verdict;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An edge with a good grant that drops, reorders, replays old state, forges, and invents watermarks
 * and refusals. Nobody can make it serve; all must notice, or lose nothing by not noticing. Before
 * the end of a history it is taken out of service.
 */
final class SimLiar extends SimEdge {
    private static final double OFTEN = 0.25;

    private final SignedGrant region;
    private final boolean disguises;
    private @Nullable MemoryStore old;
    private boolean retired;

    SimLiar(
            Place place,
            String name,
            SignedGrant grant,
            List<String> scopes,
            Supplier<List<? extends SimServer>> regions,
            Durability retainUntil,
            SignedGrant region,
            boolean disguises) {
        super(place, name, grant, scopes, regions, retainUntil);
        this.region = region;
        this.disguises = disguises;
    }

    /** Goes out of service for good. */
    void retire() {
        retired = true;
        crash();
    }

    @Override
    void restart() {
        if (!retired) super.restart();
    }

    /** Serves what it had some time ago, under the same name. */
    void rollBack() {
        MemoryStore then = old;
        old = disk.store.copy();
        if (then == null || !up) return;
        crash();
        replaceDisk(then);
        restart();
    }

    /** Its word is worth nothing: there is nothing to check. */
    @Override
    void says(Receipt receipt) {}

    @Override
    public void keep(Session.Action.Keep keep, Consumer<Session.Event.Kept> then) {
        if (world.chance(OFTEN)) {
            world.coverage.count(Coverage.LIE_DROPPED);
            then.accept(new Session.Event.Kept(keep.id(), keep.batches(), List.of(), 0));
        } else {
            super.keep(keep, then);
        }
        if (world.chance(OFTEN)) inventWatermark(keep);
        if (world.chance(OFTEN)) inventRefusal(keep);
    }

    private void inventRefusal(Session.Action.Keep keep) {
        world.coverage.count(Coverage.LIE_REFUSED);
        Rejection.Code code =
                world.chance(0.5) ? Rejection.Code.GRANT_EXPIRED : Rejection.Code.FORBIDDEN;
        SignedGrant signer = world.chance(0.5) ? region : grant;
        Rejection refused = Admission.refuse(keep.batches().getFirst(), code, "it lies");
        Verdict verdict =
                Verdict.signed(
                        signer.replica(), refused, text -> keys.sign(grant.publicKey(), text));
        whisper(new Message.Reject(signer, verdict));
    }

    private void inventWatermark(Session.Action.Keep keep) {
        world.coverage.count(Coverage.LIE_WATERMARK);
        Batch batch = keep.batches().getFirst();
        Durability level = world.chance(0.5) ? Durability.REGION : Durability.APPLIED;
        boolean asRegion = world.chance(0.5);
        SignedGrant signer = asRegion ? region : grant;
        Receipt receipt =
                new Receipt(
                        signer.replica(),
                        keep.scope(),
                        level,
                        clock.millis(),
                        List.of(Span.of(batch)));
        Receipt.Signed signed = receipt.signed(keys.sign(grant.publicKey(), receipt.signedText()));
        whisper(
                asRegion || world.chance(0.5)
                        ? watermark(signer, signed)
                        : new Message.Ack(signed));
    }

    private static Message watermark(SignedGrant signer, Receipt.Signed signed) {
        return new Message.Watermark(signer, signed);
    }

    @Override
    public void read(Session.Action.ReadFeed read, Consumer<Session.Event.FeedRead> then) {
        super.read(read, page -> then.accept(world.chance(OFTEN) ? falsified(page) : page));
    }

    private Session.Event.FeedRead falsified(Session.Event.FeedRead page) {
        if (page.items().isEmpty()) return page;
        world.coverage.count(Coverage.LIE_CHANGES);
        List<FeedItem> items = new ArrayList<>(page.items());
        FeedItem last = items.getLast();
        switch (world.random.nextInt(3)) {
            // Leaves something out, and says that it came.
            case 0 -> items.remove(world.random.nextInt(items.size()));
            // Puts the newest first.
            case 1 -> items.addFirst(items.removeLast());
            default -> items.add(new FeedItem(last.head(), forged(last.batch())));
        }
        return new Session.Event.FeedRead(
                page.scope(), items, page.grants(), page.applied(), page.global(), page.has());
    }

    @Override
    public Message sends(Message message) {
        if (!(message instanceof Message.Push push) || !world.chance(OFTEN)) return message;
        List<Batch> batches = new ArrayList<>(push.batches());
        if (!world.chance(0.5)) {
            java.util.Collections.reverse(batches);
            return new Message.Push(push.scope(), push.grants(), batches, push.receipts());
        }
        if (disguises) return disguised(push);
        world.coverage.count(Coverage.LIE_FORGED);
        batches.add(forged(batches.getLast()));
        return new Message.Push(push.scope(), push.grants(), batches, push.receipts());
    }

    /** So that a region refuses, under its own signature, what is as it should be. */
    private Message disguised(Message.Push push) {
        world.coverage.count(Coverage.LIE_DISGUISED);
        if (!push.grants().isEmpty())
            return new Message.Push(push.scope(), List.of(), push.batches(), push.receipts());
        List<Batch> batches = new ArrayList<>(push.batches());
        Batch last = batches.removeLast();
        Bytes signature = keys.sign(grant.publicKey(), last.hash());
        batches.add(new Batch(last.body(), last.bytes(), last.hash(), signature));
        return new Message.Push(push.scope(), push.grants(), batches, push.receipts());
    }

    /** What follows {@code batch}, as its author never wrote it. */
    private Batch forged(Batch batch) {
        Operation operation =
                new Operation(
                        new Dot(batch.author(), batch.last() + 1),
                        Hlc.of(world.nowMillis(), 0),
                        Workload.THINGS,
                        "d0",
                        List.of(Edit.put(Key.register("f0"), Value.of("forged"), List.of())));
        BatchBody body =
                new BatchBody(
                        batch.scope(),
                        batch.author(),
                        batch.last() + 1,
                        batch.hash(),
                        List.of(new Transaction(null, List.of(operation))));
        Batch.Draft draft = Batch.draft(body);
        Bytes signature = keys.sign(grant.publicKey(), draft.signedText());
        return draft.signed(signature);
    }
}
