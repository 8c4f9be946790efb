package dev.holdfast.core;

import java.util.List;

/**
 * Every limit of the protocol in one place. What is over a limit is refused by every honest node by
 * the same rule, so changing one of them is a change of the protocol's version.
 */
public final class Limits {
    /**
     * A batch, encoded and signed. Below what RocketMQ takes in one message; nothing is ever split.
     */
    public static final int BATCH_BYTES = 1 << 20;

    /** One message on the wire; a push or a page of changes carries several batches. */
    public static final int MESSAGE_BYTES = 4 << 20;

    public static final int OPERATIONS_PER_BATCH = 10_000;
    public static final int EDITS_PER_OPERATION = 1_000;

    /** Dots that one edit may name as replaced. */
    public static final int OVER_PER_EDIT = 1_000;

    public static final int SCOPE_CHARS = 128;
    public static final int COLLECTION_BYTES = 128;
    public static final int ID_BYTES = 256;
    public static final int PATH_BYTES = 512;
    public static final int PATH_DEPTH = 16;

    /** An element of a set, encoded: it is part of a key. */
    public static final int ELEMENT_BYTES = 1_024;

    /** One value, encoded. */
    public static final int VALUE_BYTES = 512 << 10;

    /** Arrays and maps within each other, in a value or in any message. */
    public static final int NESTING = 32;

    public static final int GRANT_BYTES = 8 << 10;
    public static final int SCOPES_PER_GRANT = 256;

    /** Keys that may follow one another by succession under one grant. */
    public static final int SUCCESSIONS = 8;

    /** Grants of one replica that a node keeps, none of which another covers. */
    public static final int GRANTS_PER_REPLICA = 8;

    /**
     * A device's grant names fewer; this bounds the session of a node, which follows all that it
     * serves.
     */
    public static final int SCOPES_PER_SESSION = 10_000;

    public static final int BATCHES_PER_MESSAGE = 1_000;

    /** A bundle: whoever takes one in holds all of it before he believes any of it. */
    public static final int BUNDLE_BYTES = 64 << 20;

    /** Spans in a receipt, intervals in a context that is sent. */
    public static final int SPANS_PER_MESSAGE = 10_000;

    /**
     * Intervals in all that a client says in one session to comparisons of contexts. Who has more
     * leaves the rest out, and is sent what it has: a repetition is harmless.
     */
    public static final int INTERVALS_COMPARED = 100_000;

    /** Replicas whose operations a client answers for, in one session. */
    public static final int ANSWERED_FOR = 100_000;

    /**
     * A hello, encoded. Nothing longer is read from a client that has not said one: a message
     * unfolds into many times its size.
     */
    public static final int HELLO_BYTES = GRANT_BYTES + 1_024;

    /** Why something is refused or ended, in words. */
    public static final int REASON_CHARS = 1_000;

    /** Sequence numbers stay exact in JavaScript. */
    public static final long MAX_SEQ = (1L << 53) - 1;

    /**
     * The greatest millisecond a hybrid clock may carry (the year 4199): an absolute bound of form.
     */
    public static final long MAX_MILLIS = (1L << 46) - 1;

    /**
     * How far ahead of a region's time a clock may run before it is corrected, and a receiver may
     * be pulled.
     */
    public static final long DRIFT_MILLIS = 5 * 60_000;

    private Limits() {}

    /** Of the batches of a page those that one message may carry: small ones are many. */
    public static <T> List<T> fitting(List<T> page) {
        return page.size() <= BATCHES_PER_MESSAGE ? page : page.subList(0, BATCHES_PER_MESSAGE);
    }
}
