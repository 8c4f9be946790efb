package dev.holdfast.core.operation;

import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.codec.Utf8;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One replica's edit of one document. At most one edit per key; edits stand in the order of their
 * keys.
 */
public record Operation(Dot dot, Hlc hlc, String collection, String id, List<Edit> edits) {
    public Operation {
        requireName(collection, Limits.COLLECTION_BYTES, "a collection");
        requireName(id, Limits.ID_BYTES, "a document id");
        if (edits.isEmpty() || edits.size() > Limits.EDITS_PER_OPERATION) {
            throw new MalformedException(
                    "an operation with no edit or more than " + Limits.EDITS_PER_OPERATION);
        }
        List<Edit> sorted = new ArrayList<>(edits);
        sorted.sort(Comparator.comparing(Edit::key));
        edits = List.copyOf(sorted);
        for (int i = 1; i < edits.size(); i++) {
            if (edits.get(i - 1).key().equals(edits.get(i).key())) {
                throw new MalformedException("an operation with two edits at one key");
            }
        }
    }

    public DocumentId document() {
        return new DocumentId(collection, id);
    }

    /** The same edit at another reading; only for what was never handed to a transport. */
    public Operation at(Hlc other) {
        return new Operation(dot, other, collection, id, edits);
    }

    static void requireName(String name, int maxBytes, String what) {
        if (name.isEmpty() || Utf8.length(name) > maxBytes) {
            throw new MalformedException(what + " has 1 to " + maxBytes + " bytes");
        }
        Utf8.requireWellFormed(name);
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) < 0x20 || name.charAt(i) == 0x7f) {
                throw new MalformedException(what + " has no control characters");
            }
        }
    }
}
