package dev.holdfast.drill.report;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What there is to say of a drill, but for its course over time.
 *
 * @param name such as {@code edge-loss}
 * @param about what it does, in a sentence or two
 * @param took so far, or until it ended
 */
public record Report(
        String name, String about, long seed, Instant begun, Duration took, Ending ending) {
    /** What came of it. */
    public sealed interface Ending {
        /** Nothing yet: it waits, it runs, or it was stopped. */
        record Open() implements Ending {}

        /**
         * It was told to its end and judged.
         *
         * @param means how links were cut
         */
        record Judged(String means, List<Row> guarantees) implements Ending {
            public Judged {
                guarantees = List.copyOf(guarantees);
            }

            long held() {
                return guarantees.stream().filter(Row::held).count();
            }

            boolean allHeld() {
                return held() == guarantees.size();
            }
        }

        /** It could not be done. */
        record Undone(String why) implements Ending {}
    }

    /** A guarantee, whether it was held, and what was counted. */
    public record Row(String guarantee, String figure, boolean held) {}

    /** Of a drill that has not begun, or has not ended. */
    public static Report open(String name, String about, long seed, Instant begun) {
        return new Report(name, about, seed, begun, Duration.ZERO, new Ending.Open());
    }

    /** The same drill, when it has come to an end. */
    public Report ended(Ending how, Duration took) {
        return new Report(name, about, seed, begun, took, how);
    }

    /** Whether it was judged, and every guarantee held. */
    boolean held() {
        return ending instanceof Ending.Judged judged && judged.allHeld();
    }

    /** What came of it, in one sentence. */
    String verdict() {
        return switch (ending) {
            case Ending.Open _ ->
                    "It has not ended: it waits, it runs, or it was stopped before its end.";
            case Ending.Judged judged when judged.allHeld() ->
                    "All " + judged.guarantees().size() + " guarantees held.";
            case Ending.Judged judged ->
                    judged.guarantees().size()
                            - judged.held()
                            + " of "
                            + judged.guarantees().size()
                            + " guarantees are broken.";
            case Ending.Undone _ -> "It could not be done, and has shown nothing.";
        };
    }

    /** The class by which the style sheet knows that. */
    String mood() {
        if (ending instanceof Ending.Open) return "open";
        return held() ? "held" : "broken";
    }
}
