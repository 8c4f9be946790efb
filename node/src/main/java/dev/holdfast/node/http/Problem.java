package dev.holdfast.node.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.core.Bytes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Why a request failed, for people and programs (RFC 9457).
 *
 * @param code what programs branch on, lower-case-dashed; it never changes its meaning
 * @param title the same for every problem of this code
 * @param detail what was wrong this time, and what to do about it
 * @param retryAfter when it is worth trying again; only then
 */
public record Problem(
        int status, String code, String title, String detail, Optional<Duration> retryAfter) {
    public static final String TYPE_PREFIX = "https://holdfast.dev/problems/";
    public static final String CONTENT_TYPE = "application/problem+json";

    private static final ObjectMapper JSON = new ObjectMapper();

    public Problem {
        if (status < 400 || status > 599) throw new IllegalArgumentException("status " + status);
    }

    public static Problem of(int status, String code, String title, String detail) {
        return new Problem(status, code, title, detail, Optional.empty());
    }

    public Problem retryAfter(Duration wait) {
        return new Problem(status, code, title, detail, Optional.of(wait));
    }

    /** What somebody asked this node to keep is not kept, such as for a full disk. */
    public static Problem notKept(String detail) {
        return of(503, "not-kept", "The node cannot keep it", detail);
    }

    public static Problem malformed(String detail) {
        return of(400, "malformed", "The request cannot be read", detail);
    }

    static Problem badPath(String detail) {
        return of(400, "bad-path", "The path cannot be read", detail);
    }

    static Problem unknownPath() {
        return of(404, "unknown-path", "There is nothing at this path", "No route has this path.");
    }

    static Problem wrongMethod(String allow) {
        return of(
                405,
                "method-not-allowed",
                "This path does not take this method",
                "It takes " + allow + ".");
    }

    static Problem bodyTooLarge(long limitBytes) {
        return of(
                413,
                "body-too-large",
                "The body is too large",
                "At most " + limitBytes + " bytes are taken here.");
    }

    static Problem bodyTooSlow(Duration limit) {
        return of(
                408,
                "body-too-slow",
                "The body did not arrive in time",
                "It must be whole within " + limit.toSeconds() + " s.");
    }

    static Problem unknownEncoding() {
        return of(
                415,
                "unknown-encoding",
                "The body's encoding is not known",
                "Content-Encoding may be zstd, or absent.");
    }

    static Problem badEncoding() {
        return of(
                400,
                "bad-encoding",
                "The body is not what its encoding says",
                "It does not decompress as zstd.");
    }

    static Problem busy(Duration wait) {
        return of(
                        503,
                        "busy",
                        "The node has as much to do as it can bear",
                        "Nothing was done. Try again later.")
                .retryAfter(wait);
    }

    static Problem closing() {
        return of(
                        503,
                        "closing",
                        "The node is being stopped",
                        "Nothing was done. Try again, or elsewhere.")
                .retryAfter(Duration.ofSeconds(5));
    }

    static Problem upgradeRequired() {
        return of(
                426,
                "upgrade-required",
                "This path speaks WebSocket",
                "Ask for an upgrade to websocket.");
    }

    static Problem internal(String request) {
        return of(
                500,
                "internal",
                "The node failed",
                "The fault is the node's; its log names request " + request + ".");
    }

    /** The problem as an answer. */
    public Response response() {
        ObjectNode json = JSON.createObjectNode();
        json.put("type", TYPE_PREFIX + code).put("title", title).put("status", status);
        json.put("detail", detail).put("code", code);
        Bytes body = Bytes.wrap(json.toString().getBytes(StandardCharsets.UTF_8));
        Response response =
                new Response(status, Map.of(), new Response.Body.Whole(CONTENT_TYPE, body));
        return retryAfter
                .map(wait ->
                        response.with("Retry-After", Long.toString(Math.max(1, wait.toSeconds()))))
                .orElse(response);
    }
}
