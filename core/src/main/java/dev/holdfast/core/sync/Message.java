package dev.holdfast.core.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Comparison;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Scope;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Cursor;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.Verdict;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What nodes say to each other, the same on every hop. The one who connects is the client, and only
 * the client pushes; the server answers and sends changes. PROTOCOL.md has the encoding.
 */
public sealed interface Message {
    int VERSION = 1;

    /** Server, first: prove your key over this. */
    record Challenge(int version, ReplicaId node, Bytes nonce) implements Message {}

    /**
     * Client: who it is.
     *
     * @param nonce the server's, back
     * @param own 16 random bytes, over which a region signs its time
     * @param proof of the grant's key, over {@link #proofText}
     */
    record Hello(int version, SignedGrant grant, Bytes nonce, Bytes own, Bytes proof)
            implements Message {}

    /**
     * Server: come in.
     *
     * @param grant the server's own, which says whether it is an edge or a region
     * @param level what its acknowledgement of a push means
     * @param time its time over the client's nonce; a device believes it of a region only
     */
    record Welcome(SignedGrant grant, Durability level, SignedTime time, Pace pace)
            implements Message {}

    /**
     * Client: this scope, from here on.
     *
     * @param cursor how far it followed this feed, or null at the start
     * @param digest of its whole context, in case the cursor is not known here; no bytes if it is
     *     empty
     * @param pending what it still answers for: the server says what it has of that
     * @param own what it has of its own operations, which need not be sent back
     */
    record Subscribe(
            String scope, @Nullable Cursor cursor, Bytes digest, Context pending, Intervals own)
            implements Message {
        public Subscribe {
            Scope.require(scope);
        }
    }

    /**
     * Server: changes of this scope come from {@code cursor} on. What it has of what was pending
     * precedes this.
     */
    record Opened(String scope, Cursor cursor) implements Message {}

    /**
     * Server: the cursor is not known and the contexts differ; these are digests of the ranges of
     * mine.
     */
    record Compare(String scope, List<Bytes> digests) implements Message {}

    /** Client: a piece of what it answers to a {@link Compare}; {@code last} ends it. */
    record Have(String scope, Comparison piece, boolean last) implements Message {}

    /**
     * Client: batches of one scope, in any order, and the grants of authors that this session has
     * not been told of, and what other nodes signed about when they came.
     */
    record Push(
            String scope,
            List<SignedGrant> grants,
            List<Batch> batches,
            List<Receipt.Signed> receipts)
            implements Message {
        public Push {
            grants = List.copyOf(grants);
            batches = List.copyOf(batches);
            receipts = List.copyOf(receipts);
        }
    }

    /** Server: these have reached its level; said only after the flush that makes it true. */
    record Ack(Receipt.Signed receipt) implements Message {}

    /** Server: what the client has not seen, and where that brings it. */
    record Changes(String scope, Cursor cursor, List<SignedGrant> grants, List<Batch> batches)
            implements Message {
        public Changes {
            grants = List.copyOf(grants);
            batches = List.copyOf(batches);
        }
    }

    /** Client: stored up to here, send more. */
    record Took(String scope, long number) implements Message {}

    /**
     * Client: what have regions said of these operations, which others wrote? Of a scope that is
     * subscribed to; one question at a time, a second is passed over until the first is answered.
     */
    record Ask(String scope, Context about) implements Message {
        public Ask {
            Scope.require(scope);
        }
    }

    /**
     * Server: a region's word, passed on by any node, with the region's grant where this session
     * has not had it.
     */
    record Watermark(@Nullable SignedGrant signer, Receipt.Signed receipt) implements Message {}

    /**
     * Server: a batch is refused. By a region it is for good, and any node passes it on, with the
     * region's grant where this session has not had it; by an edge it is refused there.
     */
    record Reject(@Nullable SignedGrant signer, Verdict verdict) implements Message {
        public Rejection rejection() {
            return verdict.rejection();
        }
    }

    /**
     * Server: how much may be on its way, and when to come back for what was not taken.
     *
     * @param windowBytes of pushes without an answer yet
     * @param pauseMillis nothing shall be pushed for so long (the client adds jitter); 0 to go on
     */
    record Pace(int windowBytes, long pauseMillis) implements Message {
        public static final Pace OPEN = new Pace(512 << 10, 0);
    }

    /** Either: this session is over. */
    record Bye(Code code, String reason) implements Message {
        public enum Code {
            /** Going down, or tired of an idle session: come again. */
            CLOSING(0),
            MALFORMED(1),
            /** Wrong version. */
            VERSION(2),
            /** The grant or the proof does not hold. */
            UNAUTHORIZED(3),
            /** The grant does not name the scope. */
            FORBIDDEN(4),
            /** Something failed here: come again later. */
            FAILED(5),
            /** A message out of its order. */
            UNEXPECTED(6);

            private final int code;

            Code(int code) {
                this.code = code;
            }

            public int code() {
                return code;
            }
        }
    }

    /**
     * A node's time, signed over the nonce of whoever asked, so that an old one cannot be shown
     * again.
     */
    record SignedTime(long millis, Bytes signature) {}

    /** What proves a key: its signature over the server, its nonce and the client's own. */
    static Bytes proofText(ReplicaId server, Bytes nonce, Bytes own) {
        return ascii("holdfast hello 1\0").concat(server.bytes()).concat(nonce).concat(own);
    }

    static Bytes timeText(Bytes own, long millis) {
        return ascii("holdfast time 1\0").concat(own).concat(ascii(Long.toString(millis)));
    }

    private static Bytes ascii(String text) {
        byte[] bytes = new byte[text.length()];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) text.charAt(i);
        return Bytes.wrap(bytes);
    }
}
