package dev.holdfast.drill.herd;

import dev.holdfast.cli.trust.Deployment;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.net.Network;
import dev.holdfast.drill.process.Child;
import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.process.JavaProgram;
import dev.holdfast.drill.rings.Answers;
import dev.holdfast.drill.rings.Ledger;
import dev.holdfast.drill.rings.Rings;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;

/** A {@link HerdMain} from outside. Used by one thread, but for its ledger. */
final class HerdProcess implements AutoCloseable {
    private static final Duration READY_PATIENCE = Duration.ofMinutes(3);
    private static final Duration ANSWER_PATIENCE = Duration.ofSeconds(30);
    private static final List<String> OPTIONS = List.of("-Xmx1g", "-XX:+UseSerialGC");

    private final String name;
    private final Herd herd;
    private final Ledger ledger = new Ledger();
    private final Answers answers = new Answers();
    private final Queue<String> wrongs = new ConcurrentLinkedQueue<>();
    private final Child child;

    /**
     * @param open sessions now
     * @param mostOpen the most that were open at a time
     * @param lost sessions that were open
     * @param inVain attempts that opened none
     */
    record Status(int open, int mostOpen, long lost, long inVain) {}

    /** Starts it at the devices' side of the border; returns when all its backlog is made. */
    HerdProcess(
            Network network, Rings rings, String name, Herd herd, List<URI> endpoints, long seed) {
        this.name = name;
        this.herd = herd;
        Deployment deployment = rings.deployment();
        List<String> arguments = new ArrayList<>();
        arguments.add(deployment.folder().toString());
        arguments.add(endpoints.stream().map(URI::toString).collect(Collectors.joining(",")));
        arguments.addAll(herd.arguments());
        arguments.add(Long.toString(seed));
        List<String> command = new ArrayList<>(network.on(Host.DEVICE_A));
        // It plays machines that have processors of their own, and must not take the region's.
        command.addAll(List.of("nice", "-n", "19"));
        command.addAll(JavaProgram.command(HerdMain.class.getName(), OPTIONS, arguments));
        child =
                Child.start(
                        name,
                        command,
                        rings.folder().resolve("log").resolve(name + ".log"),
                        "ready"::equals,
                        this::heard);
        child.awaitReady(READY_PATIENCE);
    }

    private void heard(String line) {
        if (line.startsWith("status ")) answers.heard(line);
        else if (line.startsWith("wronged ")) wrongs.add(line.substring("wronged ".length()));
        else ledger.heard(name, line);
    }

    /** All of them connect within that time. */
    void come(Duration within) {
        send("come " + within.toMillis());
    }

    Status status() {
        send("status");
        String[] words = answers.await(_ -> true, ANSWER_PATIENCE).getFirst().split(" ", -1);
        return new Status(
                Integer.parseInt(words[1]),
                Integer.parseInt(words[2]),
                Long.parseLong(words[3]),
                Long.parseLong(words[4]));
    }

    private void send(String line) {
        if (!child.send(line)) throw new DrillException(name + " is gone:\n" + child.lastWords());
    }

    Herd herd() {
        return herd;
    }

    /** What its devices were told. */
    Ledger ledger() {
        return ledger;
    }

    /** What was done to its devices that must not be. */
    List<String> wrongs() {
        return List.copyOf(wrongs);
    }

    @Override
    public void close() {
        child.close();
    }
}
