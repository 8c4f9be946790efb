package dev.holdfast.drill.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An axis from zero, with a tick every {@code step}.
 *
 * @param end the value at its other end
 */
record Scale(double end, double step) {
    private static final int TIME_STEPS_MAX = 6;

    private static final long SECOND = 1_000;
    private static final long MINUTE = 60 * SECOND;
    private static final long HOUR = 60 * MINUTE;
    private static final long[] TIME_STEPS = {
        SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 15 * SECOND, 30 * SECOND,
        MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
        HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR
    };

    /**
     * Up to the first tick that no value exceeds; the steps, at most so many, are 1, 2 or 5 times a
     * power of ten.
     */
    static Scale ofCounts(double max, int steps) {
        if (max <= 0) return new Scale(1, 1);
        double least = max / steps;
        double power = Math.pow(10, Math.floor(Math.log10(least)));
        double step = 10 * power;
        for (int times : new int[] {5, 2, 1}) {
            if (times * power >= least) step = times * power;
        }
        return new Scale(Math.ceil(max / step - 1e-9) * step, step);
    }

    /** In milliseconds, up to {@code length} itself. */
    static Scale ofTime(long lengthMillis) {
        for (long step : TIME_STEPS) {
            if (lengthMillis <= step * TIME_STEPS_MAX) return new Scale(lengthMillis, step);
        }
        double step = 24.0 * HOUR;
        while (lengthMillis > step * TIME_STEPS_MAX) step *= 2;
        return new Scale(lengthMillis, step);
    }

    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        for (int i = 0; i * step <= end * (1 + 1e-9); i++) ticks.add(i * step);
        return ticks;
    }

    /** How far along it a value is, from 0 to 1. */
    double share(double value) {
        return Math.clamp(value / end, 0, 1);
    }

    /** A tick's count, short enough to stand beside the axis. */
    String countLabel(double tick) {
        if (tick != 0 && step < 1) {
            long decimals = (long) Math.ceil(-Math.log10(step) - 1e-9);
            return String.format(Locale.ROOT, "%." + decimals + "f", tick);
        }
        if (end >= 10_000_000) return Words.count(Math.round(tick / 1_000_000)) + " M";
        if (end >= 100_000) return Words.count(Math.round(tick / 1_000)) + " k";
        return Words.count(Math.round(tick));
    }

    /** A tick's time, in the unit of the step. */
    String timeLabel(double tick) {
        if (step < MINUTE) return Math.round(tick / SECOND) + " s";
        if (step < HOUR) return Math.round(tick / MINUTE) + " min";
        return Math.round(tick / HOUR) + " h";
    }
}
