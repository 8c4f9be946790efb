package dev.holdfast.node.settings;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Spans of time as people write them: {@code 250ms}, {@code 30s}, {@code 5m}, {@code 12h}, {@code 7d}, {@code 1h30m}. */
final class Durations {
    private static final Pattern PART = Pattern.compile("\\s*(\\d{1,9})\\s*(ms|s|m|h|d)");

    private Durations() {}

    /**
     * @throws IllegalArgumentException when {@code text} is not a duration
     */
    static Duration parse(String text) {
        String rest = text.strip().toLowerCase(Locale.ROOT);
        Duration sum = Duration.ZERO;
        Matcher part = PART.matcher(rest);
        int at = 0;
        while (at < rest.length()) {
            if (!part.region(at, rest.length()).lookingAt()) at = -1;
            if (at < 0) break;
            sum = sum.plus(span(Long.parseLong(part.group(1)), part.group(2)));
            at = part.end();
        }
        if (at <= 0) throw new IllegalArgumentException("a duration such as 250ms, 30s, 5m, 12h or 7d");
        return sum;
    }

    private static Duration span(long count, String unit) {
        return switch (unit) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }
}
