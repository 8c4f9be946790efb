package dev.holdfast.cli.trust;

import dev.holdfast.cli.output.Failure;
import java.time.Duration;

/** A number of days that makes sense for a grant or certificate. */
final class Days {
    private static final int MOST = 36_500;

    private Days() {}

    static Duration of(String option, int days, int least) {
        if (days < least || days > MOST) {
            throw new Failure(
                    option + " " + days + " makes no sense",
                    "it is a number of days from " + least + " to " + MOST,
                    option + " 30");
        }
        return Duration.ofDays(days);
    }
}
