package dev.holdfast.drill.states;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.BatchBody;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Transaction;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.drill.rings.Tally;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.ReplicaKey;
import java.time.InstantSource;
import java.util.List;

/** Makes messages by hand, for those that no device would send. */
record Forger(ReplicaKey key, SignedGrant grant) {
    private static final int OWN_BYTES = 16;

    /**
     * A signed batch of one operation that adds one to the {@link Tally} in {@code id}. Its
     * predecessor is named as nobody knows it: gaps are no errors, so that each stands alone.
     */
    Batch batch(long seq, DocumentId id) {
        return batch(
                Rings.SCOPE, seq, id, Edit.put(Key.counter(Tally.COUNT), Value.of(1), List.of()));
    }

    Batch batch(String scope, long seq, DocumentId id, Edit edit) {
        Hlc now = Hlc.of(InstantSource.system().millis(), 0);
        Dot dot = new Dot(key.replica(), 2 * seq);
        Operation operation = new Operation(dot, now, id.collection(), id.id(), List.of(edit));
        Bytes previous = Bytes.wrap(new byte[BatchBody.HASH_BYTES]);
        BatchBody body =
                new BatchBody(
                        scope,
                        key.replica(),
                        dot.seq(),
                        previous,
                        List.of(new Transaction(null, List.of(operation))));
        Batch.Draft draft = Batch.draft(body);
        return draft.signed(key.sign(draft.signedText()));
    }

    Message.Hello hello(Message.Challenge challenge) {
        Bytes own = Entropy.system().bytes(OWN_BYTES);
        Bytes proof = key.sign(Message.proofText(challenge.node(), challenge.nonce(), own));
        return new Message.Hello(Message.VERSION, grant, challenge.nonce(), own, proof);
    }

    static Message.Subscribe subscribe(String scope) {
        return new Message.Subscribe(scope, null, Bytes.EMPTY, new Context(), Intervals.NONE);
    }

    /** A whole round: hello, the scope, the batch. */
    Bytes push(Message.Challenge challenge, Batch batch) {
        return round(
                hello(challenge),
                subscribe(batch.scope()),
                new Message.Push(batch.scope(), List.of(grant), List.of(batch), List.of()));
    }

    static Bytes round(Message... messages) {
        CborWriter out = new CborWriter(4096);
        for (Message message : messages) MessageCodec.write(message, out);
        return out.toBytes();
    }
}
