package dev.holdfast.core.merge;

import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;

/**
 * The memory of a dot that an edit replaced, or a clock correction named, before it arrived. Of
 * several for one dot and key the strongest is kept: the greatest reading, or for a correction the
 * least.
 *
 * @param hlc the reading of the operation that replaced it; for {@link Key#CLOCK}, the corrected
 *     reading
 */
public record EarlyMark(Dot dot, DocumentId document, Key key, Hlc hlc) {
    /** Whether this mark says more than {@code other} about the same dot, document and key. */
    public boolean strongerThan(EarlyMark other) {
        int order = hlc.compareTo(other.hlc);
        return key.kind() == Key.CLOCK ? order < 0 : order > 0;
    }
}
