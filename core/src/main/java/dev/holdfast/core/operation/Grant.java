package dev.holdfast.core.operation;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import java.util.List;

/**
 * What a replica may do, as the deployment's authority states it. Times are milliseconds since
 * 1970.
 *
 * @param publicKey the replica's, 32 raw bytes
 * @param subject who it is for people and for idempotency keys, such as {@code nurse-amina}
 * @param offlineGraceMillis how much longer than {@code notAfterMillis} it counts where nobody can
 *     renew it
 */
public record Grant(
        Bytes publicKey,
        String subject,
        Role role,
        List<Right> rights,
        long notBeforeMillis,
        long notAfterMillis,
        long offlineGraceMillis) {
    public static final String ANY = "*";

    public enum Role {
        DEVICE(0),
        EDGE(1),
        REGION(2),
        /**
         * A person who looks at nodes and acts on them. It is no replica: it writes and follows
         * nothing.
         */
        OPERATOR(3);

        private final int code;

        Role(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }

        /** Whether it is one that serves others. */
        public boolean isNode() {
            return this == EDGE || this == REGION;
        }

        /**
         * The latest that it can be when such a node's clock says {@code nowMillis}. Only a
         * region's is believed: an edge's may have stopped years ago, and must not refuse a grant
         * for not counting yet.
         */
        public long latestMillis(long nowMillis) {
            return this == REGION ? nowMillis : Long.MAX_VALUE;
        }

        static Role ofCode(long code) {
            for (Role role : values()) {
                if (role.code == code) return role;
            }
            throw new MalformedException("an unknown role");
        }
    }

    /**
     * What is allowed in a scope.
     *
     * @param scope a scope, or {@code *} for every one
     * @param write the collections that may be written, or {@code *} among them for every one
     */
    public record Right(String scope, boolean read, List<String> write) {
        public Right {
            if (!scope.equals(ANY)) Scope.require(scope);
            write = List.copyOf(write);
        }

        private boolean covers(String other) {
            return scope.equals(ANY) || scope.equals(other);
        }
    }

    public Grant {
        if (publicKey.size() != SignatureCheck.PUBLIC_KEY_BYTES)
            throw new MalformedException("a public key has 32 bytes");
        Operation.requireName(subject, Limits.ID_BYTES, "a subject");
        if (rights.size() > Limits.SCOPES_PER_GRANT) {
            throw new MalformedException(
                    "a grant for more than " + Limits.SCOPES_PER_GRANT + " scopes");
        }
        if (notBeforeMillis < 0
                || notAfterMillis < notBeforeMillis
                || notAfterMillis > Limits.MAX_MILLIS
                || offlineGraceMillis < 0
                || offlineGraceMillis > Limits.MAX_MILLIS) {
            throw new MalformedException("a grant whose times make no sense");
        }
        rights = List.copyOf(rights);
    }

    public boolean mayRead(String scope) {
        for (Right right : rights) {
            if (right.read() && right.covers(scope)) return true;
        }
        return false;
    }

    public boolean mayWrite(String scope, String collection) {
        for (Right right : rights) {
            if (right.covers(scope)
                    && (right.write().contains(ANY) || right.write().contains(collection)))
                return true;
        }
        return false;
    }

    /** Whether anything in {@code scope} is allowed. */
    public boolean names(String scope) {
        for (Right right : rights) {
            if (right.covers(scope)) return true;
        }
        return false;
    }

    /** Whether it counts at {@code nowMillis}, the offline grace included. */
    public boolean countsAt(long nowMillis) {
        return countsBetween(nowMillis, nowMillis);
    }

    /** Whether it counts at any moment from the one to the other. */
    public boolean countsBetween(long earliestMillis, long latestMillis) {
        return latestMillis >= notBeforeMillis - Limits.DRIFT_MILLIS
                && earliestMillis <= notAfterMillis + offlineGraceMillis;
    }
}
