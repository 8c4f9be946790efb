package dev.holdfast.node.api;

import dev.holdfast.node.http.Problem;
import dev.holdfast.node.http.ProblemException;
import java.util.Locale;

/**
 * Every way in which a request to the API can fail beyond those of HTTP itself, with the status and
 * what it means. The name in lower case with dashes is the problem's {@code code}; PROTOCOL.md
 * lists them.
 */
public enum ApiProblem {
    GRANT_MISSING(401, "No grant", "The request carries no grant."),
    GRANT_MALFORMED(401, "The grant cannot be read", "The bearer token is no grant."),
    GRANT_FOREIGN(
            401, "The grant is not this deployment's", "No authority that is trusted signed it."),
    GRANT_EXPIRED(401, "The grant is over", "It counted until its end and offline grace."),
    GRANT_NOT_YET(401, "The grant does not count yet", "It begins later; or a clock is wrong."),
    GRANT_REVOKED(401, "The grant was revoked", "Nobody comes in with it any more."),
    FORBIDDEN(403, "The grant does not allow this", "It lacks the right for scope or collection."),
    SCOPE_UNKNOWN(404, "This node does not serve the scope", "Ask a node that does."),
    DOCUMENT_UNKNOWN(404, "There is no such document", "It never was, or is deleted."),
    CURSOR_UNKNOWN(
            410,
            "The cursor is not of this node's feed",
            "Another node made it, or the node began anew: start again without one."),
    PRECONDITION_FAILED(
            412, "The document is not what you expect", "If-Match or If-None-Match said so."),
    NOT_JSON(415, "The body is not JSON", "PUT takes JSON, PATCH JSON or a JSON merge patch."),
    KEY_REUSED(
            422,
            "The idempotency key was used for another request",
            "A repetition has the same method, document and body."),
    NO_ROOM(
            503,
            "The node has no room for a write now",
            "Nothing was done and nothing is lost. Reads go on; come back later."),
    BAD_SCOPE(400, "No scope has such a name", "A scope is 1 to 128 of A-Z a-z 0-9 . _ : -"),
    BAD_KEY(400, "No idempotency key", "A key is 1 to 255 visible ASCII characters."),
    BAD_CURSOR(400, "No cursor", "A cursor is what an earlier answer gave, unchanged."),
    NOT_AN_OBJECT(400, "A document is an object", "The body is JSON, but no JSON object.");

    private final int status;
    private final String title;
    private final String meaning;

    ApiProblem(int status, String title, String meaning) {
        this.status = status;
        this.title = title;
        this.meaning = meaning;
    }

    public int status() {
        return status;
    }

    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public String title() {
        return title;
    }

    /** For the documentation. */
    public String meaning() {
        return meaning;
    }

    Problem problem() {
        return problem(meaning);
    }

    Problem problem(String detail) {
        return Problem.of(status, code(), title, detail);
    }

    ProblemException exception() {
        return new ProblemException(problem());
    }
}
