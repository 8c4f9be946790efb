package dev.holdfast.drill.report;

import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What was seen of a drill over time.
 *
 * @param lengthMillis from the first that was seen to the last
 * @param samples in their order
 * @param marks by when they began
 * @param unmarked how many marks were too many
 */
public record Course(long lengthMillis, List<Sample> samples, List<Mark> marks, long unmarked) {
    /** Finer steps would show how samples fall, not what happened. */
    private static final int STEPS_MAX = 160;

    private static final long STEP_MILLIS_MIN = 1_000;

    public Course {
        samples = List.copyOf(samples);
        marks = List.copyOf(marks);
    }

    /** Whether there is enough for a curve. */
    boolean isDrawable() {
        return samples.size() > 1 && lengthMillis > 0;
    }

    /** How long each step of {@link #rates} is. */
    double stepMillis() {
        long steps = Math.clamp(lengthMillis / STEP_MILLIS_MIN, 1, STEPS_MAX);
        return lengthMillis / (double) steps;
    }

    /** How fast a count grew, per second, in steps of equal length from the start to the end. */
    double[] rates(ToLongFunction<Sample> count) {
        double step = stepMillis();
        double[] rates = new double[(int) Math.round(lengthMillis / step)];
        double before = countAt(0, count);
        for (int i = 0; i < rates.length; i++) {
            double after = countAt(step * (i + 1), count);
            rates[i] = (after - before) / step * 1_000;
            before = after;
        }
        return rates;
    }

    /** A count at any time: between two samples it is taken to have grown evenly. */
    private double countAt(double millis, ToLongFunction<Sample> count) {
        int low = 0;
        int high = samples.size() - 1;
        if (millis <= samples.get(low).atMillis()) return count.applyAsLong(samples.get(low));
        if (millis >= samples.get(high).atMillis()) return count.applyAsLong(samples.get(high));
        while (high - low > 1) {
            int middle = (low + high) >>> 1;
            if (samples.get(middle).atMillis() <= millis) low = middle;
            else high = middle;
        }
        Sample from = samples.get(low);
        Sample to = samples.get(high);
        double share = (millis - from.atMillis()) / (to.atMillis() - from.atMillis());
        long start = count.applyAsLong(from);
        return start + share * (count.applyAsLong(to) - start);
    }
}
