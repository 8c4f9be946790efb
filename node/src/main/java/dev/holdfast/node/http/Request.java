package dev.holdfast.node.http;

import dev.holdfast.core.Bytes;
import dev.holdfast.node.telemetry.TraceParent;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * A request whose body has arrived whole and is decompressed. Immutable.
 *
 * @param id names the request in the log and in the answer's header {@code Holdfast-Request}
 * @param parameters the values of the route's names, decoded
 * @param peer the name in the certificate that the caller presented, if it did
 * @param trace this step of the caller's trace, or of a new one
 * @param remote the caller's address
 */
public record Request(
        String id,
        String method,
        String route,
        Map<String, String> parameters,
        Map<String, List<String>> query,
        MultiMap headers,
        Bytes body,
        Optional<String> peer,
        TraceParent trace,
        String remote) {

    /** The value of a name in the route's template. */
    public String parameter(String name) {
        String value = parameters.get(name);
        if (value == null) throw new NoSuchElementException(route + " has no {" + name + "}");
        return value;
    }

    /** The first value of a query parameter. */
    public Optional<String> query(String name) {
        List<String> values = query.get(name);
        return values == null ? Optional.empty() : Optional.of(values.getFirst());
    }

    /**
     * A query parameter that is a whole number.
     *
     * @throws ProblemException when it is there and is none, or out of bounds
     */
    public long query(String name, long standard, long least, long greatest) {
        Optional<String> text = query(name);
        if (text.isEmpty()) return standard;
        try {
            long value = Long.parseLong(text.get());
            if (value >= least && value <= greatest) return value;
        } catch (NumberFormatException ignored) {
            // Refused below, like any number out of bounds.
        }
        throw new ProblemException(
                Problem.malformed(
                        "The query parameter "
                                + name
                                + " is a whole number from "
                                + least
                                + " to "
                                + greatest
                                + "."));
    }

    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /**
     * The media type of the body, without parameters and in lower case; empty where none is named.
     */
    public String contentType() {
        return mediaType(header("Content-Type").orElse(""));
    }

    /** Whether the caller names this media type in {@code Accept}. */
    public boolean accepts(String mediaType) {
        for (String offer : header("Accept").orElse("").split(",", 32)) {
            if (mediaType(offer).equals(mediaType)) return true;
        }
        return false;
    }

    private static String mediaType(String header) {
        int end = header.indexOf(';');
        return (end < 0 ? header : header.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    }
}
