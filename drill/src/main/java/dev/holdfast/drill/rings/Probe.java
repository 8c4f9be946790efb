package dev.holdfast.drill.rings;

import dev.holdfast.drill.process.Child;
import dev.holdfast.drill.process.DrillException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A {@link ProbeMain} from outside: what an operator's monitoring hears from a node. */
public final class Probe implements AutoCloseable {
    private static final Duration READY_PATIENCE = Duration.ofSeconds(60);
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(30);

    private final Answers answers = new Answers();
    private final Child child;

    Probe(List<String> command, Path log) {
        child = Child.start("the probe", command, log, "ready"::equals, answers::heard);
        child.awaitReady(READY_PATIENCE);
        answers.clear();
    }

    /**
     * What a node says of itself.
     *
     * @param status 0 where it does not answer
     */
    public record Answer(int status, String words) {
        public boolean isReady() {
            return status == 200;
        }
    }

    public Answer ask() {
        if (!child.send("ask"))
            throw new DrillException("the probe is gone:\n" + child.lastWords());
        String line = answers.await(any -> true, ANSWER_PATIENCE).getFirst();
        int space = line.indexOf(' ');
        return new Answer(Integer.parseInt(line, 0, space, 10), line.substring(space + 1).strip());
    }

    @Override
    public void close() {
        child.close();
    }
}
