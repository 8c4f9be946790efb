package dev.holdfast.drill.report;

import dev.holdfast.core.operation.Durability;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Numbers, times and levels as the pages say them. */
final class Words {
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm 'UTC'", Locale.ENGLISH);

    private static final long SECONDS_UP_TO_MILLIS = 600_000;

    private Words() {}

    static String count(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** With a tenth only where that says something. */
    static String rate(double perSecond) {
        return perSecond == 0 || perSecond >= 10
                ? count(Math.round(perSecond))
                : String.format(Locale.ROOT, "%.1f", perSecond);
    }

    /** {@code 84.2 s}; {@code 20 min 4 s}. */
    static String time(long millis) {
        if (millis < SECONDS_UP_TO_MILLIS)
            return String.format(Locale.ROOT, "%.1f s", millis / 1_000.0);
        long seconds = millis / 1_000;
        return count(seconds / 60) + " min " + seconds % 60 + " s";
    }

    static String minute(Instant time) {
        return MINUTE.format(time.atOffset(ZoneOffset.UTC));
    }

    static String level(Durability level) {
        return switch (level) {
            case DEVICE -> "saved on a device";
            case EDGE -> "safe at the edge";
            case REGION -> "safe in the cloud";
            case APPLIED -> "in the record";
            case GLOBAL -> "in two regions";
        };
    }
}
