package dev.holdfast.core.merge;

import dev.holdfast.core.Value;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import java.util.List;

/**
 * Applies an operation to the document it edits; the one merge of every node.
 *
 * <p>These are delta-state CRDTs with a shared causal context (Almeida, Shoker, Baquero: "Delta
 * state replicated data types", 2018). What makes any order come to the same end:
 *
 * <ul>
 *   <li>an operation whose dot was seen is not applied again (the caller asks the context), which
 *       is the whole of idempotency;
 *   <li>an edit removes exactly the entries its author saw, by name, so it commutes with every edit
 *       it did not see;
 *   <li>a name that has not been seen yet leaves an {@link EarlyMark} until it is. The mark, and
 *       the removal, take effect only on an entry with a smaller signed reading. An honest author's
 *       reading is after all that it saw, so this costs it nothing; but nobody can kill what will
 *       be written later by naming it beforehand.
 * </ul>
 *
 * <p>A dishonest author may sign a reading of the far future, and no rule refuses it: it would have
 * to ask a node's own clock, and nodes whose clocks differ would end with different documents. What
 * it gains is little. Whoever wrote the dot that it names stamps past the mark as soon as that has
 * arrived ({@code Author}); what was written before is replaced as if it had been seen, which its
 * grant allows anyway; and a region has the operation shown as of when it came. Only what is
 * stamped at the very end of time ({@link Hlc#LAST}) stays for good.
 */
public final class Merge {
    /**
     * What the merge needs to know beyond the document: the scope's context and its early marks.
     */
    public interface Surroundings {
        boolean seen(Dot dot);

        /**
         * Whether what names {@code dot} must leave a mark: it has not been seen, or its reading
         * may still change.
         */
        default boolean awaits(Dot dot) {
            return !seen(dot);
        }

        /** The marks that wait for {@code dot}. */
        List<EarlyMark> marks(Dot dot);

        /** Keeps a mark, unless a stronger one for the same dot, document and key is there. */
        void addMark(EarlyMark mark);
    }

    private Merge() {}

    /**
     * Applies {@code operation}, whose dot has not been seen, to {@code document}. Afterwards the
     * caller adds the dot to the context and drops the marks that waited for it.
     */
    public static void apply(Operation operation, Document document, Surroundings around) {
        Dot dot = operation.dot();
        DocumentId id = operation.document();
        List<EarlyMark> marks = around.marks(dot);
        Hlc shown = operation.hlc();
        for (EarlyMark mark : marks) {
            if (mark.key().kind() == Key.CLOCK && mark.document().equals(id))
                shown = Hlc.min(shown, mark.hlc());
        }
        for (Edit edit : operation.edits()) {
            if (edit.key().kind() == Key.CLOCK) {
                correct(edit, document, id, around);
                continue;
            }
            for (Dot over : edit.over()) {
                document.replace(edit.key(), over, operation.hlc());
                if (around.awaits(over))
                    around.addMark(new EarlyMark(over, id, edit.key(), operation.hlc()));
            }
            Value payload = edit.payload();
            if (payload != null && !replacedEarly(marks, id, edit.key(), operation.hlc())) {
                document.put(edit.key(), dot, new Entry(operation.hlc(), shown, payload));
            }
        }
    }

    private static void correct(Edit edit, Document document, DocumentId id, Surroundings around) {
        Hlc reading =
                new Hlc(((Value.Int) java.util.Objects.requireNonNull(edit.payload())).value());
        for (Dot over : edit.over()) {
            document.correct(over, reading);
            if (around.awaits(over)) around.addMark(new EarlyMark(over, id, edit.key(), reading));
        }
    }

    private static boolean replacedEarly(List<EarlyMark> marks, DocumentId id, Key key, Hlc hlc) {
        for (EarlyMark mark : marks) {
            if (mark.key().equals(key)
                    && mark.document().equals(id)
                    && mark.hlc().compareTo(hlc) > 0) return true;
        }
        return false;
    }
}
