package dev.holdfast.node.telemetry;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.keys.Entropy;
import java.util.Optional;

/**
 * A place in a trace, as the header {@code traceparent} carries it (W3C Trace Context, level 1).
 *
 * @param traceId 32 lower-case hexadecimal digits, the same along the whole journey
 * @param spanId 16 of them, this step of it
 */
public record TraceParent(String traceId, String spanId, boolean sampled) {
    public static final String HEADER = "traceparent";

    public TraceParent {
        require(traceId, 32);
        require(spanId, 16);
    }

    /** The start of a new trace. */
    public static TraceParent begin(Entropy entropy) {
        return new TraceParent(drawn(entropy, 16), drawn(entropy, 8), true);
    }

    /**
     * Reads the header; empty where it has not the form, since a trace is then simply begun anew.
     */
    public static Optional<TraceParent> parse(String header) {
        // version "-" trace "-" span "-" flags; later versions may add more behind a dash.
        if (header.length() < 55 || header.length() > 256) return Optional.empty();
        String version = header.substring(0, 2);
        boolean cut =
                header.charAt(2) == '-' && header.charAt(35) == '-' && header.charAt(52) == '-';
        boolean end = header.length() == 55 || !version.equals("00") && header.charAt(55) == '-';
        if (!cut || !end || version.equals("ff") || !lowerHex(version)) return Optional.empty();
        String flags = header.substring(53, 55);
        if (!lowerHex(flags)) return Optional.empty();
        try {
            boolean sampled = (Integer.parseInt(flags, 16) & 1) != 0;
            return Optional.of(
                    new TraceParent(header.substring(3, 35), header.substring(36, 52), sampled));
        } catch (MalformedException e) {
            return Optional.empty();
        }
    }

    /** The next step of the same trace. */
    public TraceParent child(Entropy entropy) {
        return new TraceParent(traceId, drawn(entropy, 8), sampled);
    }

    public String header() {
        return "00-" + traceId + "-" + spanId + (sampled ? "-01" : "-00");
    }

    private static String drawn(Entropy entropy, int count) {
        Bytes drawn = entropy.bytes(count);
        // All zeros is not allowed; nor does it ever come up, but a seeded source may be anything.
        return drawn.equals(Bytes.wrap(new byte[count]))
                ? "0".repeat(2 * count - 1) + "1"
                : drawn.hex();
    }

    private static void require(String id, int digits) {
        if (id.length() != digits || !lowerHex(id) || id.equals("0".repeat(digits))) {
            throw new MalformedException(
                    "a trace or span id is " + digits + " hexadecimal digits, not all zero");
        }
    }

    private static boolean lowerHex(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) return false;
        }
        return true;
    }
}
