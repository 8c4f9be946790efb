package dev.holdfast.node.http;

import dev.holdfast.core.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a handler answers.
 *
 * @param headers besides those that the body and the node set
 */
public record Response(int status, Map<String, String> headers, Body body) {
    /** What follows the headers. */
    public sealed interface Body {
        record Empty() implements Body {}

        /** All of it at once. */
        record Whole(String contentType, Bytes bytes) implements Body {
            public static final String JSON = "application/json";
            public static final String CBOR = "application/cbor";
        }

        /**
         * As it comes, of any length. The writer runs on the request's thread, after the head was
         * sent.
         */
        record Stream(String contentType, StreamWriter writer) implements Body {}

        /** Server-sent events, for as long as the writer runs. */
        record Events(EventWriter writer) implements Body {}
    }

    @FunctionalInterface
    public interface StreamWriter {
        void write(Outflow out) throws Exception;
    }

    @FunctionalInterface
    public interface EventWriter {
        void write(EventStream events) throws Exception;
    }

    public Response {
        headers = Map.copyOf(headers);
    }

    public static Response empty(int status) {
        return new Response(status, Map.of(), new Body.Empty());
    }

    public static Response json(int status, byte[] json) {
        return new Response(status, Map.of(), new Body.Whole(Body.Whole.JSON, Bytes.wrap(json)));
    }

    public static Response cbor(int status, Bytes cbor) {
        return new Response(status, Map.of(), new Body.Whole(Body.Whole.CBOR, cbor));
    }

    public static Response text(int status, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return new Response(
                status, Map.of(), new Body.Whole("text/plain; charset=utf-8", Bytes.wrap(utf8)));
    }

    public static Response stream(String contentType, StreamWriter writer) {
        return new Response(200, Map.of(), new Body.Stream(contentType, writer));
    }

    public static Response events(EventWriter writer) {
        return new Response(200, Map.of(), new Body.Events(writer));
    }

    public Response with(String header, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new Response(status, more, body);
    }
}
