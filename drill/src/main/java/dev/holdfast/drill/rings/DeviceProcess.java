package dev.holdfast.drill.rings;

import dev.holdfast.drill.process.Child;
import dev.holdfast.drill.process.DrillException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A {@link DeviceMain} from outside: started again after each kill, with a day of its own each
 * time. Used by one thread.
 */
public final class DeviceProcess implements AutoCloseable {
    private static final Duration READY_PATIENCE = Duration.ofSeconds(60);
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(30);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);

    /** How it is run; the number of the life goes into its seed. */
    @FunctionalInterface
    public interface Command {
        List<String> of(long life, URI endpoint, Duration clockAhead);
    }

    /**
     * What a device says of itself.
     *
     * @param settled whether all that it wrote is as durable as it must be
     * @param patients whom it can read
     * @param clockAhead what it was told of its clock
     */
    public record Status(boolean settled, long patients, boolean connected, Duration clockAhead) {}

    private final String name;
    private final Path folder;
    private final Path log;
    private final Command command;
    private final Ledger ledger;
    private final Answers answers = new Answers();
    private final Answers done = new Answers();
    private URI endpoint;
    private Duration clockAhead;
    private long lives;
    private Child child;

    /** Starts it. */
    DeviceProcess(
            String name,
            Path folder,
            Path log,
            Command command,
            URI endpoint,
            Duration clockAhead,
            Ledger ledger) {
        this.name = name;
        this.folder = folder;
        this.log = log;
        this.command = command;
        this.endpoint = endpoint;
        this.clockAhead = clockAhead;
        this.ledger = ledger;
        this.child = live();
    }

    private Child live() {
        lives++;
        answers.clear();
        done.clear();
        return Child.start(
                name, command.of(lives, endpoint, clockAhead), log, "ready"::equals, this::heard);
    }

    private void heard(String line) {
        if (line.startsWith("status ")) answers.heard(line);
        else if (line.equals("done")) done.heard(line);
        else ledger.heard(name, line);
    }

    public String name() {
        return name;
    }

    /** Where its store is. */
    public Path folder() {
        return folder;
    }

    /** What its user was told. */
    public Ledger ledger() {
        return ledger;
    }

    long pid() {
        return child.pid();
    }

    public void awaitReady() {
        child.awaitReady(READY_PATIENCE);
    }

    /** Has it write, without waiting. */
    public void begin(String work) {
        if (!child.send(work)) throw new DrillException(name + " is not there to " + work);
    }

    /** Waits until what was begun first is done. */
    public void awaitDone(Duration patience) {
        try {
            done.await("done"::equals, patience);
        } catch (DrillException e) {
            throw new DrillException(
                    name + " did not get its writing done; its log ends:\n" + child.lastWords(), e);
        }
    }

    /** Has it write, and waits until that is saved. */
    public void perform(String work, Duration patience) {
        begin(work);
        awaitDone(patience);
    }

    /** Sets its clock, whatever it is doing; from then on it is so much ahead of the machine's. */
    public void stepClock(Duration ahead) {
        clockAhead = ahead;
        begin("clock " + ahead.toMillis());
        // Heard after it was done.
        status();
    }

    /** How far its clock was set ahead. */
    public Duration clockAhead() {
        return clockAhead;
    }

    public Status status() {
        answers.clear();
        begin("status");
        String[] words = answers.await(line -> true, ANSWER_PATIENCE).getFirst().split(" ", -1);
        return new Status(
                words[1].equals("settled"),
                Long.parseLong(words[2]),
                words[3].equals("connected"),
                Duration.ofMillis(Long.parseLong(words[4])));
    }

    /** SIGKILL; all that it said before has been taken down when this returns. */
    void kill9() {
        child.kill9();
    }

    public void stop() {
        child.stop(STOP_PATIENCE);
    }

    /** Starts it again, after a kill or a stop. */
    public void restart() {
        child = live();
        awaitReady();
    }

    /** The same, for it to connect elsewhere from now on. */
    public void restart(URI elsewhere) {
        endpoint = elsewhere;
        restart();
    }

    @Override
    public void close() {
        child.close();
    }
}
