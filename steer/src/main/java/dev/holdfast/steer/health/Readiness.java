package dev.holdfast.steer.health;

import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import java.time.Duration;
import java.util.Optional;
import java.util.StringJoiner;

/** What a node of Holdfast says at {@code /readyz}. */
final class Readiness {
    private Readiness() {}

    /** Why it is not well; empty where it is. */
    static Optional<String> failure(Answer answer, Optional<Duration> maxLag) {
        if (answer.status() != 200 && answer.status() != 503)
            return Optional.of("it answers " + answer.status() + " at /readyz");
        Value said;
        try {
            said = Json.parse(answer.body());
        } catch (MalformedException e) {
            return Optional.of("what it says at /readyz is no JSON");
        }
        if (!(said instanceof Value.Map map) || !(map.fields().get("ready") instanceof Value.Bool))
            return Optional.of("what it says at /readyz is not a node's word");
        if (!Value.TRUE.equals(map.fields().get("ready")) || answer.status() != 200)
            return Optional.of("it is not ready: " + reasons(map));
        return maxLag.flatMap(most ->
                lag(map).filter(lag -> lag.compareTo(most) > 0)
                        .map(lag -> "it is " + text(lag) + " behind, more than " + text(most)));
    }

    /** As far as the node knows; what cannot be known is not held against it. */
    private static Optional<Duration> lag(Value.Map said) {
        return switch (said.fields().get("lag-seconds")) {
            case Value.Int whole -> Optional.of(seconds((double) whole.value()));
            case Value.Real real -> Optional.of(seconds(real.value()));
            case null, default -> Optional.empty();
        };
    }

    private static Duration seconds(double count) {
        return Duration.ofMillis((long) (Math.clamp(count, 0, 1e12) * 1_000));
    }

    private static String text(Duration time) {
        return time.toMillis() < 10_000
                ? time.toMillis() / 1_000.0 + " s"
                : time.toSeconds() + " s";
    }

    private static String reasons(Value.Map said) {
        StringJoiner reasons = new StringJoiner("; ");
        reasons.setEmptyValue("it does not say why");
        if (said.fields().get("checks") instanceof Value.Array checks) {
            for (Value check : checks.items()) {
                if (!(check instanceof Value.Map row)) continue;
                if (!Value.FALSE.equals(row.fields().get("ready"))) continue;
                reasons.add(word(row, "name") + ": " + word(row, "reason"));
            }
        }
        return reasons.toString();
    }

    private static String word(Value.Map row, String name) {
        return row.fields().get(name) instanceof Value.Text text ? text.value() : "?";
    }
}
