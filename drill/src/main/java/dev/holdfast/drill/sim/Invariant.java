package dev.holdfast.drill.sim;

import java.util.Locale;
import java.util.function.Supplier;

/** What must be so, by name: at every event, or where its check says when. */
enum Invariant {
    /** Whoever acknowledges has those very bytes, and keeps them through a crash. */
    ACKNOWLEDGED_IS_KEPT,
    /** What a node answers for it holds until a region has applied it, or refused it. */
    UNCONFIRMED_IS_HELD,
    /** What a device believes at REGION, APPLIED or GLOBAL, of its own or others', is there. */
    WATERMARKS_ARE_TRUE,
    /** What is said to be GLOBAL is applied in two regions, byte for byte the same. */
    GLOBAL_IS_IN_TWO_REGIONS,
    /** A region that follows another goes on only after what it has itself. */
    CURSORS_STAND_FOR_WHAT_IS_HELD,
    /** Each dot once in a feed, and the context says just those. */
    ONE_EFFECT_PER_DOT,
    /** Feeds are numbered and hashed without a gap. */
    FEEDS_ARE_WHOLE,
    /** Neighbouring batches of one author are of one chain. */
    CHAINS_ARE_ONE,
    /** Bytes in a feed are those that their author signed. */
    BYTES_ARE_THE_AUTHORS,
    /** What was written together is together. */
    TRANSACTIONS_ARE_WHOLE,
    /** A node's documents are what its operations say, worked out another way. */
    DOCUMENTS_ARE_THEIR_OPERATIONS,
    /** What is shown of a document is what its policy says. */
    POLICIES_ARE_FOLLOWED,
    EQUAL_CONTEXTS_EQUAL_DOCUMENTS,
    /** A dot names the same bytes at every node. */
    DOTS_ARE_THE_SAME_EVERYWHERE,
    COUNTERS_ADD_UP,
    /** An author sees at once what it wrote. */
    A_WRITE_IS_SEEN,
    /** What is not allowed is refused, what is allowed is not, and the author is told. */
    REFUSALS_ARE_TOLD,
    /** No clock that ran ahead decides in the end, and none is pulled. */
    CLOCKS_ARE_CORRECTED,
    QUEUES_ARE_BOUNDED,
    IT_CONVERGES,
    /** A node threw what it must not. */
    NOTHING_FAILS;

    /** Ends the history unless {@code fact}. */
    void hold(boolean fact, Supplier<String> otherwise) {
        if (!fact) throw new Broken(this, otherwise.get());
    }

    String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
