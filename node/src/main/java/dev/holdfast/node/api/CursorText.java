package dev.holdfast.node.api;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.replica.Cursor;
import dev.holdfast.core.replica.FeedHead;

/** A cursor as text: {@code NODE.NUMBER.HASH}, node and hash in hexadecimal. */
final class CursorText {
    private CursorText() {}

    static String print(Cursor cursor) {
        FeedHead head = cursor.head();
        return cursor.node() + "." + head.number() + "." + head.hash().hex();
    }

    /**
     * Reads a cursor.
     *
     * @throws dev.holdfast.node.http.ProblemException {@code bad-cursor}
     */
    static Cursor parse(String text) {
        String[] parts = text.split("\\.", -1);
        boolean fits = parts.length == 3 && parts[1].length() <= 16 && parts[2].length() <= 64;
        if (!fits) throw ApiProblem.BAD_CURSOR.exception();
        try {
            long number = Long.parseLong(parts[1]);
            if (number < 0) throw ApiProblem.BAD_CURSOR.exception();
            return new Cursor(
                    ReplicaId.parse(parts[0]), new FeedHead(number, Bytes.fromHex(parts[2])));
        } catch (NumberFormatException | MalformedException e) {
            throw ApiProblem.BAD_CURSOR.exception();
        }
    }
}
