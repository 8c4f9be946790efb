package dev.holdfast.core.replica;

import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.operation.ReplicaId;

/**
 * A place in a node's feed of a scope: the node, the number and the running hash there. Where the
 * hash does not match what the node has at that number, contexts are compared instead.
 */
public record Cursor(ReplicaId node, FeedHead head) {
    public void write(CborWriter out) {
        out.array(3).bytes(node.bytes()).integer(head.number()).bytes(head.hash());
    }

    public static Cursor read(CborReader in) {
        in.array(3);
        ReplicaId node = ReplicaId.of(in.bytes());
        return new Cursor(
                node, new FeedHead(in.unsigned(dev.holdfast.core.Limits.MAX_SEQ), in.bytes()));
    }
}
