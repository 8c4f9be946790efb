package dev.holdfast.node.http;

import dev.holdfast.core.Bytes;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Writes whole answers, on the event loop. */
final class Answers {
    /** For the answer to go out before the connection goes down. */
    private static final long LINGER_MILLIS = 1_000;

    private Answers() {}

    static void problem(HttpServerRequest request, Problem problem) {
        send(request, problem.response());
    }

    /** For when the rest of the request will not be read: the connection cannot be used again. */
    static void problemAndClose(HttpServerRequest request, Problem problem) {
        if (request.version() == HttpVersion.HTTP_2) {
            send(request, problem.response());
            return;
        }
        HttpServerResponse response = request.response();
        response.putHeader("Connection", "close");
        send(request, problem.response());
        request.connection().shutdown(LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * Has a browser let a page of another site read the answer, where {@code origins} has that site
     * (the Fetch standard's CORS); answers whether it has. No cookie and no certificate comes along
     * that way: such a page can do what its grant lets it, and no more.
     */
    static boolean origin(HttpServerRequest request, List<String> origins) {
        if (origins.isEmpty()) return false;
        HttpServerResponse response = request.response();
        response.headers().add("Vary", "Origin");
        String origin = request.getHeader("Origin");
        if (origin == null || !origins.contains(origin)) return false;
        response.putHeader("Access-Control-Allow-Origin", origin);
        return true;
    }

    /**
     * Which methods a path takes.
     *
     * @param origin whether a page of the site that asks may use them
     */
    static void options(HttpServerRequest request, String allow, boolean origin) {
        HttpServerResponse response = request.response();
        response.putHeader("Allow", allow);
        if (origin) {
            response.putHeader("Access-Control-Allow-Methods", allow)
                    .putHeader("Access-Control-Allow-Headers", "Authorization, Content-Type")
                    .putHeader("Access-Control-Max-Age", "600");
        }
        send(request, Response.empty(204));
    }

    /** An answer whose body is there, or is none. */
    static void send(HttpServerRequest request, Response answer) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) return;
        head(response, answer);
        switch (answer.body()) {
            case Response.Body.Empty _ -> response.end();
            case Response.Body.Whole(String contentType, Bytes bytes) -> {
                response.putHeader("Content-Type", contentType);
                byte[] body = bytes.unsafeArray();
                response.putHeader("Content-Length", Integer.toString(body.length));
                if (request.method().name().equals("HEAD")) response.end();
                else response.end(Buffer.buffer(body));
            }
            case Response.Body.Stream _, Response.Body.Events _ ->
                    throw new IllegalArgumentException("a stream");
        }
    }

    /** {@code answer}, compressed where that is worth it and asked for. */
    static Response encoded(HttpServerRequest request, Response answer, Response.Body.Whole whole) {
        byte[] plain = whole.bytes().unsafeArray();
        if (!ZstdCoding.worthwhile(whole.contentType(), plain.length)) return answer;
        Response varying = answer.with("Vary", "Accept-Encoding");
        String offered = request.getHeader("Accept-Encoding");
        if (offered == null || !ZstdCoding.accepted(offered)) return varying;
        Bytes compressed = Bytes.wrap(ZstdCoding.compress(plain));
        return new Response(
                        answer.status(),
                        varying.headers(),
                        new Response.Body.Whole(whole.contentType(), compressed))
                .with("Content-Encoding", ZstdCoding.NAME);
    }

    static void head(HttpServerResponse response, Response answer) {
        response.setStatusCode(answer.status());
        answer.headers()
                .forEach((name, value) -> {
                    if (name.equals("Vary")) response.headers().add(name, value);
                    else response.putHeader(name, value);
                });
        response.putHeader("X-Content-Type-Options", "nosniff");
    }
}
