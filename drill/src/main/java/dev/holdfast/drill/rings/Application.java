package dev.holdfast.drill.rings;

import dev.holdfast.drill.process.Child;
import dev.holdfast.drill.process.DrillException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * An application beside a region's database, which speaks SQL to that: an {@link ApplicationMain}.
 */
public final class Application implements AutoCloseable {
    private static final Duration READY_PATIENCE = Duration.ofSeconds(60);
    private static final Duration ANSWER_PATIENCE = Duration.ofMinutes(2);

    private final Answers answers = new Answers();
    private final Child child;

    Application(List<String> command, Path log) {
        child = Child.start("an application", command, log, "ready"::equals, answers::heard);
        child.awaitReady(READY_PATIENCE);
        answers.clear();
    }

    /**
     * Does a statement; answers the first column of its rows.
     *
     * @throws DrillException when the database refuses it
     */
    public List<String> run(String sql) {
        if (!child.send(sql))
            throw new DrillException("an application is gone:\n" + child.lastWords());
        List<String> lines =
                answers.await(
                        line -> line.equals("end") || line.startsWith("failed\t"), ANSWER_PATIENCE);
        if (!lines.getLast().equals("end"))
            throw new DrillException("an application's " + sql + ": " + lines.getLast());
        return lines.subList(0, lines.size() - 1).stream()
                .map(line -> line.substring("row\t".length()))
                .toList();
    }

    /** The one number that a question is answered by. */
    public long count(String sql) {
        return Long.parseLong(run(sql).getFirst());
    }

    @Override
    public void close() {
        child.close();
    }
}
