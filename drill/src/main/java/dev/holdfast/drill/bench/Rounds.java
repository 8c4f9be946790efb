package dev.holdfast.drill.bench;

import dev.holdfast.drill.bench.Bench.Run;
import java.util.Arrays;
import java.util.List;

/**
 * Measures two sides in turns on the same operations, so that whatever else the machine does meets
 * both; the median of five rounds counts. Before that both are run until they are warm, which also
 * tells how many operations a round needs.
 */
final class Rounds {
    private static final int ROUNDS = 5;

    /** An edge's optimising compiler is at work for so long; less of it where less is measured. */
    private static final double WARM_SECONDS = 30;

    private static final int MIN_OPERATIONS = 500;

    private Rounds() {}

    /** Both sides of one round, on operations that were made beforehand. */
    interface Round {
        /** Runs what is measured; answers the seconds it took. */
        double subject() throws Exception;

        /** Runs the bare limit, after the subject; answers the seconds it took. */
        double bare() throws Exception;
    }

    /** Makes a round of about {@code operations}. */
    interface Maker {
        Round make(int operations) throws Exception;
    }

    /** Operations a second. */
    record Rates(double bare, double subject) {}

    /**
     * Runs the rounds.
     *
     * @param step of operations: a round has a multiple of it
     * @param most operations that a round may have
     */
    static Rates run(Run run, String what, int step, int most, Maker maker) throws Exception {
        double seconds = run.time().toNanos() / 1e9 / ROUNDS;
        int operations = fitted(MIN_OPERATIONS, step, most);
        double warmed = 0;
        double warmSeconds = Math.min(WARM_SECONDS, 2 * run.time().toNanos() / 1e9);
        while (warmed < warmSeconds) {
            run.progress().at("warming up, " + what);
            Round round = maker.make(operations);
            double took = round.subject();
            round.bare();
            warmed += took;
            operations = fitted(operations / took * seconds, step, Math.min(most, 4 * operations));
        }
        double[] bare = new double[ROUNDS];
        double[] subject = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            run.progress().at("round " + (i + 1) + " of " + ROUNDS + ", " + what);
            Round round = maker.make(operations);
            subject[i] = operations / round.subject();
            bare[i] = operations / round.bare();
        }
        return new Rates(median(bare), median(subject));
    }

    private static int fitted(double operations, int step, int most) {
        int steps = (int) Math.max(1, Math.min(operations, most) / step);
        return Math.max(steps, (MIN_OPERATIONS + step - 1) / step) * step;
    }

    /** Of what was noted in each round, warm-up included: the median of the rounds that count. */
    static double medianOfLast(List<Double> noted) {
        List<Double> counting = noted.subList(noted.size() - ROUNDS, noted.size());
        return median(counting.stream().mapToDouble(Double::doubleValue).toArray());
    }

    static double median(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
