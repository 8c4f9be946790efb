package dev.holdfast.drill.rings;

import dev.holdfast.drill.process.DrillException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The answers of a child to one question at a time, line by line. */
public final class Answers {
    private static final int LINES_MAX = 1_000_000;

    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>(LINES_MAX);

    /** To be told every line that may be part of an answer. */
    public void heard(String line) {
        if (!lines.offer(line))
            throw new DrillException("an answer of more than " + LINES_MAX + " lines");
    }

    /** Drops what nobody waited for. */
    public void clear() {
        lines.clear();
    }

    /**
     * All lines up to and with the first that {@code isLast}.
     *
     * @throws DrillException when it does not come in time
     */
    public List<String> await(Predicate<String> isLast, Duration patience) {
        List<String> answer = new ArrayList<>();
        long until = System.nanoTime() + patience.toNanos();
        try {
            while (true) {
                String line = lines.poll(until - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (line == null)
                    throw new DrillException("no answer within " + patience.toSeconds() + " s");
                answer.add(line);
                if (isLast.test(line)) return answer;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DrillException("interrupted while waiting for an answer", e);
        }
    }
}
