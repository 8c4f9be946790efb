package dev.holdfast.steer.control;

import dev.holdfast.core.Value;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One change, and who or what brought it about.
 *
 * @param endpoint that it is about, if it is about one
 * @param line of users, where it is about one
 * @param what happened, in a sentence
 * @param who told it to, where that was a person
 */
public record AuditEntry(
        Instant at,
        Kind kind,
        Optional<String> endpoint,
        Optional<String> line,
        String what,
        Optional<String> who) {

    /** What kind of change. */
    public enum Kind {
        /** The node began or ended. */
        NODE,
        /** This node's own verdict on an endpoint. */
        VERDICT,
        /** How an endpoint stands for a line, which answers follow. */
        STANDING,
        /** An operator's word. */
        DRAIN,
        /** The zones file. */
        ZONES;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    Value json() {
        Map<String, Object> fields = new TreeMap<>();
        fields.put("at", at.toString());
        fields.put("kind", kind.word());
        endpoint.ifPresent(name -> fields.put("endpoint", name));
        line.ifPresent(name -> fields.put("line", name));
        fields.put("what", what);
        who.ifPresent(name -> fields.put("who", name));
        return Value.from(fields);
    }
}
