package dev.holdfast.drill.states;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.merge.Context;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.process.Child;
import dev.holdfast.drill.process.DrillException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.LongFunction;

/**
 * A {@link DeviceMain} from outside: started again after each kill, with a day of its own each
 * time.
 */
final class Device implements AutoCloseable {
    private static final Duration READY_PATIENCE = Duration.ofSeconds(60);
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(30);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);

    /**
     * What a device says of itself.
     *
     * @param waiting dots that nobody has confirmed as far as they must be
     */
    record Status(Context context, long waiting, boolean connected) {}

    private final String name;
    private final Host host;
    private final Path folder;
    private final Path log;
    private final LongFunction<List<String>> command;
    private final Ledger ledger;
    private final Answers answers = new Answers();
    private final Answers done = new Answers();
    private long lives;
    private Child child;

    /**
     * Starts it.
     *
     * @param command by the number of the life, which is to differ in its seed
     */
    Device(
            String name,
            Host host,
            Path folder,
            Path log,
            LongFunction<List<String>> command,
            Ledger ledger) {
        this.name = name;
        this.host = host;
        this.folder = folder;
        this.log = log;
        this.command = command;
        this.ledger = ledger;
        this.child = begin();
    }

    private Child begin() {
        lives++;
        answers.clear();
        done.clear();
        return Child.start(name, command.apply(lives), log, "ready"::equals, this::heard);
    }

    private void heard(String line) {
        if (line.startsWith("status ")) answers.heard(line);
        else if (line.equals("done")) done.heard(line);
        else ledger.heard(name, line);
    }

    String name() {
        return name;
    }

    Host host() {
        return host;
    }

    /** Where its store is. */
    Path folder() {
        return folder;
    }

    void awaitReady() {
        child.awaitReady(READY_PATIENCE);
    }

    /** Has it write, without waiting. */
    void begin(String work) {
        if (!child.send(work)) throw new DrillException(name + " is not there to " + work);
    }

    /** Waits until what was begun first is done. */
    void awaitDone(Duration patience) {
        try {
            done.await("done"::equals, patience);
        } catch (DrillException e) {
            throw new DrillException(
                    name + " did not get its writing done; its log ends:\n" + child.lastWords(), e);
        }
    }

    Status status() {
        answers.clear();
        begin("status");
        String[] words = answers.await(line -> true, ANSWER_PATIENCE).getFirst().split(" ", -1);
        Context context = Context.read(new CborReader(Bytes.fromHex(words[1])));
        return new Status(context, Long.parseLong(words[2]), words[3].equals("connected"));
    }

    /** SIGKILL; all that it said before has been taken down when this returns. */
    void kill9() {
        child.kill9();
    }

    /** After a kill. */
    void restart() {
        child = begin();
        child.awaitReady(READY_PATIENCE);
    }

    void stop() {
        child.stop(STOP_PATIENCE);
    }

    @Override
    public void close() {
        child.close();
    }
}
