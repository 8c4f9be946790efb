package dev.holdfast.drill.bench;

import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * One number that was measured.
 *
 * @param bare the limit measured beside it, or null where there is none
 */
record Figure(String name, double value, String unit, @Nullable Bare bare, @Nullable Aim aim) {
    /** A bare limit in the figure's unit, and what it is of. */
    record Bare(double value, String of) {}

    static Figure of(String name, double value, String unit) {
        return new Figure(name, value, unit, null, null);
    }

    Figure beside(double bareValue, String of) {
        return new Figure(name, value, unit, new Bare(bareValue, of), aim);
    }

    Figure aiming(Aim other) {
        return new Figure(name, value, unit, bare, other);
    }

    /** The value as a part of the bare one. */
    OptionalDouble ratio() {
        return bare == null ? OptionalDouble.empty() : OptionalDouble.of(value / bare.value());
    }

    /** As people read it: three digits at least, thousands apart. */
    static String number(double value) {
        if (value >= 100 || value == Math.rint(value))
            return String.format(Locale.ROOT, "%,.0f", value);
        return String.format(Locale.ROOT, value >= 10 ? "%.1f" : "%.2f", value);
    }
}
