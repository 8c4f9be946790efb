package dev.holdfast.drill.sim;

import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.BatchBody;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Transaction;
import dev.holdfast.core.replica.Applier;
import dev.holdfast.core.replica.AuthorState;
import dev.holdfast.core.replica.FeedItem;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/**
 * A device whose grant is good and whose program is not: it signs what the rules of form allow and
 * no honest author would write.
 */
final class SimHostile extends SimDevice {
    private static final long HOUR_MILLIS = 3_600_000;

    private boolean found;

    SimHostile(
            Place place,
            String name,
            SignedGrant grant,
            Topology.Person person,
            Supplier<List<? extends SimServer>> servers) {
        super(place, name, grant, person, servers, (receipt, span) -> {});
    }

    /** Replaces what {@code victim} has just written, or will write next. */
    void nameAhead(Random dice, ReplicaId victim, String scope, long victimsNext) {
        // A stale reading must have no effect on what is newer; a fresh one none on what comes.
        Hlc reading = Hlc.of(clock.millis() - (dice.nextBoolean() ? HOUR_MILLIS : 0), 0);
        List<Dot> over = new ArrayList<>();
        for (long seq = Math.max(1, victimsNext - 4); seq < victimsNext + 8; seq++)
            over.add(new Dot(victim, seq));
        List<Edit> edits = new ArrayList<>();
        for (int field = 0; field < Workload.FIELDS; field++)
            edits.add(Edit.put(Key.register("f" + field), Value.of(name), over));
        DocumentId id = new DocumentId(Workload.THINGS, Workload.document(dice));
        sign(scope, id, reading, edits);
        world.coverage.count(Coverage.NAMED_AHEAD);
    }

    /** Signs something that its twin, under the same numbers, signs otherwise. */
    void fork(Random dice, String scope) {
        DocumentId id = new DocumentId(Workload.FORGED, "x");
        List<Edit> edits = List.of(Edit.put(Key.register("f0"), Value.of(name), List.of()));
        for (int i = dice.nextInt(2); i >= 0; i--)
            sign(scope, id, Hlc.of(clock.millis(), 0), edits);
    }

    private void sign(String scope, DocumentId id, Hlc reading, List<Edit> edits) {
        if (!up || found) return;
        disk.write(
                tables -> {
                    AuthorState state = tables.author(scope);
                    if (state == null) state = AuthorState.fresh(id());
                    Dot dot = new Dot(id(), state.nextSeq());
                    Operation operation =
                            new Operation(dot, reading, id.collection(), id.id(), edits);
                    BatchBody body =
                            new BatchBody(
                                    scope,
                                    id(),
                                    dot.seq(),
                                    state.sealedHash(),
                                    List.of(new Transaction(null, List.of(operation))));
                    Batch.Draft draft = Batch.draft(body);
                    Batch batch = draft.signed(keys.sign(grant.publicKey(), draft.signedText()));
                    if (!(new Applier(tables).apply(batch)
                            instanceof Applier.Outcome.Applied applied)) return false;
                    tables.addToOutbox(
                            new FeedItem(applied.head(), batch), Durability.DEVICE, clock.millis());
                    tables.putAuthor(
                            scope,
                            new AuthorState(id(), dot.seq() + 1, dot.seq(), batch.hash(), reading));
                    return true;
                },
                signed -> grew(scope),
                () -> {});
    }

    /** Its twin's work came back to it: an honest one would take a new key now. */
    @Override
    public void cloned() {
        found = true;
        crash();
    }

    @Override
    void restart() {
        if (!found) super.restart();
    }
}
