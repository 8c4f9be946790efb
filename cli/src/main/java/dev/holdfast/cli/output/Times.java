package dev.holdfast.cli.output;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times and spans as people read them: relative up to a day, then dates; always with a unit. */
public final class Times {
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("d MMM uuuu", Locale.ENGLISH);

    private static final Pattern SPAN = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");

    private Times() {}

    /** {@code in 3 h}, {@code 5 min ago}, {@code 24 Nov 2026}. */
    public static String relative(Instant time, Instant now) {
        Duration ahead = Duration.between(now, time);
        if (ahead.abs().compareTo(Duration.ofDays(1)) > 0) return date(time);
        if (ahead.abs().toSeconds() < 1) return "now";
        return ahead.isNegative() ? span(ahead.negated()) + " ago" : "in " + span(ahead);
    }

    public static String date(Instant time) {
        return DATE.format(time.atZone(ZoneId.systemDefault()));
    }

    /**
     * Reads what people write: {@code 500ms}, {@code 2s}, {@code 5m}, {@code 1h}.
     *
     * @throws IllegalArgumentException saying what may stand there
     */
    public static Duration parse(String text) {
        Matcher found = SPAN.matcher(text);
        if (!found.matches()) {
            throw new IllegalArgumentException("a time such as 500ms, 2s, 5m or 1h");
        }
        long count = Long.parseLong(Objects.requireNonNull(found.group(1)));
        return switch (Objects.requireNonNull(found.group(2))) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            default -> Duration.ofHours(count);
        };
    }

    /** In its greatest unit, rounded down. */
    public static String span(Duration span) {
        if (span.toDays() > 1) return span.toDays() + " d";
        if (span.toHours() > 0) return span.toHours() + " h";
        if (span.toMinutes() > 0) return span.toMinutes() + " min";
        if (span.toSeconds() > 0) return span.toSeconds() + " s";
        return span.toMillis() + " ms";
    }
}
