package dev.holdfast.node.settings;

import java.time.Duration;
import java.util.Locale;

/**
 * Spans of time as people write them: {@code 250ms}, {@code 30s}, {@code 5m}, {@code 12h}, {@code
 * 7d}, {@code 1h30m}.
 */
final class Durations {
    private static final String FORM = "a duration such as 250ms, 30s, 5m, 12h or 7d";

    private Durations() {}

    /**
     * Reads a duration.
     *
     * @throws IllegalArgumentException when {@code text} is none; the message says what one is
     */
    static Duration parse(String text) {
        String form = text.toLowerCase(Locale.ROOT).replace(" ", "");
        if (form.isEmpty()) throw new IllegalArgumentException(FORM);
        Duration sum = Duration.ZERO;
        int at = 0;
        while (at < form.length()) {
            int digits = at;
            while (digits < form.length() && Character.digit(form.charAt(digits), 10) >= 0)
                digits++;
            int unit = digits;
            while (unit < form.length() && Character.isLetter(form.charAt(unit))) unit++;
            if (digits == at || digits - at > 9) throw new IllegalArgumentException(FORM);
            long count = Long.parseLong(form.substring(at, digits));
            sum = sum.plus(span(count, form.substring(digits, unit)));
            at = unit;
        }
        return sum;
    }

    private static Duration span(long count, String unit) {
        return switch (unit) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            case "d" -> Duration.ofDays(count);
            default -> throw new IllegalArgumentException(FORM);
        };
    }
}
