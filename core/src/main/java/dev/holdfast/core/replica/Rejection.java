package dev.holdfast.core.replica;

import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.operation.Span;

/**
 * A refused batch, as its author is told. It never just disappears: the author sees it and can
 * write again.
 *
 * @param reason in words fit for the author, without any content; cut at {@link
 *     Limits#REASON_CHARS}, since whoever hears a longer one ends the session
 */
public record Rejection(String scope, Span span, Code code, String reason) {
    public Rejection {
        if (reason.length() > Limits.REASON_CHARS) {
            // Half of a pair could not be written, and the refusal would reach nobody.
            boolean splits = Character.isHighSurrogate(reason.charAt(Limits.REASON_CHARS - 1));
            reason = reason.substring(0, Limits.REASON_CHARS - (splits ? 1 : 0));
        }
    }

    /**
     * Why. The name in lower case with dashes is what people and the wire see; the number travels.
     */
    public enum Code {
        /** The signature is not the author's. */
        BAD_SIGNATURE(1),
        /** There is no grant for the author, or not from this deployment's authority. */
        NO_GRANT(2),
        /** The grant was over, or not yet valid, when the batch was first received. */
        GRANT_EXPIRED(3),
        /** The grant does not allow the scope or a collection. */
        FORBIDDEN(4),
        /** Another batch of the same author has these sequence numbers: its store was copied. */
        FORK(5),
        /** A clock correction of somebody else's operations. */
        NOT_YOURS(6),
        /** Over a limit, or not in form. */
        MALFORMED(7);

        private final int code;

        Code(int code) {
            this.code = code;
        }

        public int code() {
            return code;
        }

        /** Whether it is true whatever signature and grants the batch was shown with. */
        public boolean isOfTheBatch() {
            return this == FORK || this == MALFORMED;
        }

        public static Code ofCode(long code) {
            for (Code known : values()) {
                if (known.code == code) return known;
            }
            throw new MalformedException("an unknown code of refusal");
        }

        public String text() {
            return switch (this) {
                case BAD_SIGNATURE -> "bad-signature";
                case NO_GRANT -> "no-grant";
                case GRANT_EXPIRED -> "grant-expired";
                case FORBIDDEN -> "forbidden";
                case FORK -> "fork";
                case NOT_YOURS -> "not-yours";
                case MALFORMED -> "malformed";
            };
        }
    }
}
