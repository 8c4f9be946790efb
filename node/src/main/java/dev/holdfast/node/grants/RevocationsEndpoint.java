package dev.holdfast.node.grants;

import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.keys.KeysException;
import dev.holdfast.node.http.Problem;
import dev.holdfast.node.http.ProblemException;
import dev.holdfast.node.http.Request;
import dev.holdfast.node.http.Response;
import dev.holdfast.node.http.Router;
import dev.holdfast.node.settings.SettingsException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /v1/revocations}: where the list of what is revoked is handed over, by anybody, since it
 * is the authority's signature that counts; and given on, to nodes and to whoever shows a grant,
 * since names of people stand in it. Thread-safe.
 */
public final class RevocationsEndpoint {
    public static final String PATH = "/v1/revocations";

    private static final Logger LOG = LoggerFactory.getLogger(RevocationsEndpoint.class);
    private static final Duration RETRY = Duration.ofMinutes(1);

    private final Revocations revocations;
    private final GrantBook grants;
    private final InstantSource clock;

    public RevocationsEndpoint(Revocations revocations, GrantBook grants, InstantSource clock) {
        this.revocations = revocations;
        this.grants = grants;
        this.clock = clock;
    }

    public void register(Router router) {
        router.route("GET", PATH, this::give);
        router.route("PUT", PATH, SignedRevocations.MAX_BYTES, this::take);
    }

    /** What the header {@code ETag} says of a list; a node that has it is not sent it again. */
    static String tag(RevocationList list) {
        return "\"" + list.serial() + "\"";
    }

    private Response give(Request request) {
        requireKnown(request);
        Optional<SignedRevocations> newest = revocations.newest();
        if (newest.isEmpty()) return Response.empty(204);
        String tag = tag(newest.get().list());
        Response answer =
                request.header("If-None-Match").equals(Optional.of(tag))
                        ? Response.empty(304)
                        : Response.text(200, newest.get().text());
        return answer.with("ETag", tag).with("Cache-Control", "no-store");
    }

    private void requireKnown(Request request) {
        if (request.peer().isPresent()) return;
        if (grants.judge(request.header(Bearer.HEADER), clock.millis())
                instanceof GrantBook.Verdict.Refused(var code, String reason))
            throw new ProblemException(
                    Problem.of(401, code.text(), "The grant is not taken", reason));
    }

    /** Answers what is in force now; whether that is what was handed over, is in it. */
    private Response take(Request request) {
        String text = new String(request.body().unsafeArray(), StandardCharsets.UTF_8);
        try {
            revocations.take(text, request.peer().orElse(request.remote()));
        } catch (SettingsException e) {
            throw new ProblemException(
                    Problem.of(
                            400,
                            "list-refused",
                            "The list is not taken",
                            String.valueOf(e.getMessage())));
        } catch (KeysException e) {
            LOG.error("what is revoked cannot be kept", e);
            throw new ProblemException(
                    Problem.of(
                                    503,
                                    "no-room",
                                    "The list cannot be kept",
                                    "It is not in force here: " + e.getMessage() + ".")
                            .retryAfter(RETRY));
        }
        RevocationList list = revocations.list();
        boolean stands =
                revocations.newest().filter(newest -> newest.text().equals(text)).isPresent();
        Map<String, Object> answer =
                Map.of("serial", list.serial(), "count", list.revoked().size(), "stands", stands);
        byte[] body = Json.print(Value.from(answer)).getBytes(StandardCharsets.UTF_8);
        return Response.json(200, body).with("Cache-Control", "no-store");
    }
}
