package dev.holdfast.drill.report;

import dev.holdfast.core.operation.Durability;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Takes down what happens while a drill runs: samples of how far everything is, and marks of what
 * was done to the rings. Time counts from the first of either. Thread-safe.
 *
 * <p>It is bounded, however long the drill lasts: of samples that become too many every second one
 * goes, and those to come are kept that far apart; of marks that become too many the later ones are
 * only counted.
 */
public final class Timeline {
    static final int SAMPLES_MAX = 1_000;
    static final int MARKS_MAX = 2_000;

    private final LongSupplier nanos;
    private final List<Sample> samples = new ArrayList<>();
    private final List<Mark> marks = new ArrayList<>();
    private final Map<String, Long> open = new LinkedHashMap<>();
    private boolean started;
    private long startNanos;
    private long lastMillis;
    private long apartMillis;
    private long unmarked;

    /**
     * Takes nothing down yet.
     *
     * @param nanos a clock that only goes forward
     */
    public Timeline(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Something happened just now, such as {@code kill -9 of the edge}. */
    public synchronized void mark(String words) {
        keep(new Mark.Moment(words, now()));
    }

    /** Something lasts from now on, until its {@link #end}; nothing where it does already. */
    public synchronized void begin(String words) {
        long now = now();
        if (open.size() < MARKS_MAX) open.putIfAbsent(words, now);
        else unmarked++;
    }

    /** What began by the same words is over; nothing where nothing did. */
    public synchronized void end(String words) {
        long now = now();
        Long from = open.remove(words);
        if (from != null) keep(new Mark.Span(words, from, now));
    }

    /** How far everything is just now; see {@link Sample}. */
    public synchronized void sample(Map<Durability, Long> reached, long backlog, long inDatabase) {
        Sample now = new Sample(now(), reached, backlog, inDatabase);
        int last = samples.size() - 1;
        // The newest is always there, and makes way for the next until it is far enough away.
        if (last > 0
                && samples.get(last).atMillis() - samples.get(last - 1).atMillis() < apartMillis)
            samples.set(last, now);
        else samples.add(now);
        if (samples.size() > SAMPLES_MAX) thin();
    }

    private void thin() {
        List<Sample> left = new ArrayList<>();
        for (int i = 0; i < samples.size(); i += 2) left.add(samples.get(i));
        samples.clear();
        samples.addAll(left);
        apartMillis = lastMillis / samples.size();
    }

    private void keep(Mark mark) {
        if (marks.size() < MARKS_MAX) marks.add(mark);
        else unmarked++;
    }

    private long now() {
        long now = nanos.getAsLong();
        if (!started) startNanos = now;
        started = true;
        lastMillis = (now - startNanos) / 1_000_000;
        return lastMillis;
    }

    /** What was taken down so far; what still lasts, lasts to the end of it. */
    public synchronized Course course() {
        List<Mark> all = new ArrayList<>(marks);
        open.forEach((words, from) -> all.add(new Mark.Span(words, from, lastMillis)));
        all.sort(Comparator.comparingLong(Mark::fromMillis));
        return new Course(lastMillis, samples, all, unmarked);
    }
}
