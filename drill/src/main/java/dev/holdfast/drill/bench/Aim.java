package dev.holdfast.drill.bench;

import java.util.Locale;

/**
 * What a figure is to reach.
 *
 * @param ofRatio whether the bound is for the ratio, not for the value
 * @param atLeast whether the bound is the least that will do; else the most
 */
record Aim(boolean ofRatio, boolean atLeast, double bound) {
    static Aim ratioAtLeast(double bound) {
        return new Aim(true, true, bound);
    }

    static Aim atLeast(double bound) {
        return new Aim(false, true, bound);
    }

    static Aim atMost(double bound) {
        return new Aim(false, false, bound);
    }

    boolean isMet(Figure figure) {
        double reached = ofRatio ? figure.ratio().orElse(Double.NaN) : figure.value();
        return atLeast ? reached >= bound : reached <= bound;
    }

    /** {@code met: ratio 0.5 or more}. */
    String words(Figure figure) {
        String met = isMet(figure) ? "met: " : "missed: ";
        String number =
                ofRatio
                        ? String.format(Locale.ROOT, "ratio %.2f", bound)
                        : Figure.number(bound) + " " + figure.unit();
        return met + number + (atLeast ? " or more" : " or less");
    }
}
