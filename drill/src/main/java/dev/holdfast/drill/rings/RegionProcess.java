package dev.holdfast.drill.rings;

import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.process.Child;
import dev.holdfast.drill.process.DrillException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** A region as processes: its own, its RocketMQ's, its PostgreSQL's. Used by one thread. */
public final class RegionProcess {
    /** RocketMQ takes three ports in a row around its own, and the name server one. */
    static final int PORTS = 8;

    private static final String BROKER_MAIN = "dev.holdfast.broker.BrokerMain";

    private final String name;
    private final Host host;
    private final int ports;
    private final Supplier<Path> data;
    private final Supplier<Child> starting;
    private Optional<Child> child = Optional.empty();

    /**
     * A region that does not run yet.
     *
     * @param ports the first of {@link #PORTS}
     * @param data where its folder is
     * @param starting starts its own process, and returns when it is ready
     */
    RegionProcess(
            String name, Host host, int ports, Supplier<Path> data, Supplier<Child> starting) {
        this.name = name;
        this.host = host;
        this.ports = ports;
        this.data = data;
        this.starting = starting;
    }

    public String name() {
        return name;
    }

    public Host host() {
        return host;
    }

    int ports() {
        return ports;
    }

    int port() {
        return ports + 1;
    }

    int databasePort() {
        return ports + 2;
    }

    int namesrvPort() {
        return ports + 3;
    }

    int brokerPort() {
        return ports + 6;
    }

    Path databaseFolder() {
        return data.get().resolve("postgres");
    }

    public void start() {
        child = Optional.of(starting.get());
    }

    /** Its own process, without its broker and PostgreSQL. */
    public long pid() {
        return child.orElseThrow().pid();
    }

    /** SIGKILL of it, of its broker, and of PostgreSQL, which would outlive it. */
    public void kill() {
        child.ifPresent(Child::kill9WithChildren);
        for (ProcessHandle server : postmasters()) {
            // Its workers end when it is gone, and some of them only when they next look.
            List<ProcessHandle> workers = server.descendants().toList();
            server.destroyForcibly();
            workers.forEach(ProcessHandle::destroyForcibly);
        }
    }

    /** SIGKILL of its own process. */
    public void killAlone() {
        child.ifPresent(Child::kill9);
    }

    /** PostgreSQL's first process, whoever has started it. */
    public Optional<ProcessHandle> postmaster() {
        return postmasters().stream().findFirst();
    }

    /** Not by the number that it keeps in a file: its disk may be what failed. */
    private List<ProcessHandle> postmasters() {
        String folder = databaseFolder().resolve("data").toString();
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().command().orElse("").endsWith("postgres"))
                .filter(process -> process.info().commandLine().orElse("").contains(folder))
                .toList();
    }

    /** RocketMQ's process, as the region has it at this moment. */
    Optional<ProcessHandle> broker() {
        try (Stream<ProcessHandle> children = child.orElseThrow().children()) {
            return children.filter(one -> one.info().commandLine().orElse("").contains(BROKER_MAIN))
                    .findFirst();
        }
    }

    /** All of its processes as they are now. */
    List<ProcessHandle> all() {
        List<ProcessHandle> all = new ArrayList<>();
        all.add(handle(pid()));
        all.add(required(broker(), "broker"));
        all.addAll(database());
        return all;
    }

    /** PostgreSQL's processes as they are now, the first one first. */
    List<ProcessHandle> database() {
        ProcessHandle first = required(postmaster(), "database");
        List<ProcessHandle> all = new ArrayList<>();
        all.add(first);
        try (Stream<ProcessHandle> descendants = first.descendants()) {
            descendants.forEach(all::add);
        }
        return all;
    }

    static ProcessHandle handle(long pid) {
        return ProcessHandle.of(pid)
                .orElseThrow(() -> new DrillException("process " + pid + " does not run"));
    }

    static ProcessHandle required(Optional<ProcessHandle> process, String what) {
        return process.orElseThrow(
                () -> new DrillException("a process of " + what + " does not run"));
    }
}
