package dev.holdfast.cli.up;

import dev.holdfast.cli.output.Progress;
import dev.holdfast.cli.output.Style;
import dev.holdfast.cli.trust.Deployment;
import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.grants.GrantBook;
import dev.holdfast.node.grants.Revocations;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a whole system on this machine. */
@Command(
        name = "up",
        description =
                "Runs a whole system on this machine: two regions, each with its RocketMQ and"
                        + " PostgreSQL, an edge, and two demo devices. Ctrl-C stops all of it; the next start finds"
                        + " its data again.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: holdfast up --data /tmp/try --port-base 7800"})
public final class UpCommand implements Runnable {
    /** How long what a killed predecessor left may take to end. */
    private static final Duration LEFTOVER_PATIENCE = Duration.ofSeconds(30);

    /** Longer than the nodes need to stop. */
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(45);

    @Spec private CommandSpec spec;

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            defaultValue = "data",
            description = "Where everything is kept (default: ./${DEFAULT-VALUE}).")
    private Path data = Path.of("data");

    @Option(
            names = "--port-base",
            paramLabel = "N",
            defaultValue = "" + Ports.DEFAULT_BASE,
            description = "The first of thirty ports in a row (default: ${DEFAULT-VALUE}).")
    private int portBase = Ports.DEFAULT_BASE;

    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile boolean stopping;

    @Override
    public void run() {
        Ports ports = new Ports(portBase);
        Layout layout = new Layout(data.normalize());
        Clinic clinic = Clinic.ofThisProcess();
        Console console = Console.ofThisProcess();
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try (DataLock lock = DataLock.take(layout.data());
                Progress progress =
                        Progress.of(
                                "Starting", 2 + Layout.REGIONS.size() + Layout.STEERS.size(), err);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Links links = new Links(ports);
                SystemDriver system =
                        new SystemDriver(Program.ofThisProcess(), layout, progress, lock::note)) {
            stopOnSignal(system, err);
            if (lock.hasLeftovers()) {
                progress.at("waiting for what the killed predecessor left to end");
                lock.awaitLeftovers(LEFTOVER_PATIENCE);
            }
            ports.requireFree(layout);
            Preparation preparation =
                    new Preparation(
                            layout,
                            ports,
                            clinic,
                            console,
                            Entropy.system(),
                            InstantSource.system());
            preparation.run(progress::at);
            progress.step();
            links.open();
            for (String region : Layout.REGIONS) system.start("region", region);
            system.start("edge", Layout.EDGE);
            for (String steer : Layout.STEERS) system.start("steer", steer);
            system.awaitReady();
            progress.done();
            Switches switches =
                    new Switches(
                            links,
                            ready -> system.replace(Layout.EDGE, preparation::burnEdge, ready),
                            InstantSource.system(),
                            progress::line);
            try (Switchboard _ = switchboard(switches, layout, ports, threads)) {
                if (!stopping) {
                    out.println(new Guide(layout, ports, clinic, console).text(Style.ofTerminal()));
                    out.flush();
                }
                new CountDownLatch(1).await();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            // Told to stop: everything was closed on the way here.
        } catch (RuntimeException e) {
            if (!stopping) throw e; // else the interruption itself, within a start
        } finally {
            if (stopping) sayStopped(layout, err);
            stopped.countDown();
        }
    }

    private static Switchboard switchboard(
            Switches switches, Layout layout, Ports ports, Executor threads)
            throws IOException, InterruptedException {
        Deployment deployment =
                Deployment.open(layout.keys(), Entropy.system(), InstantSource.system());
        Bytes authority = deployment.grantsPublicKey();
        Verifier verifier = new Verifier();
        GrantBook grants =
                new GrantBook(
                        List.of(authority),
                        verifier,
                        Grant.Role.EDGE,
                        Revocations.open(layout.keys(), Set.of(authority), verifier));
        return Switchboard.start(
                switches,
                ports.switches(),
                deployment.node(Switchboard.NAME).folder(),
                grants,
                ports.origins(),
                InstantSource.system(),
                Entropy.system(),
                threads);
    }

    private static void sayStopped(Layout layout, PrintWriter err) {
        err.println(
                "Stopped. The data is kept in " + layout.data() + "; holdfast up goes on with it.");
        err.flush();
    }

    /** Ctrl-C and SIGTERM end the wait above, and wait themselves until everything is closed. */
    private void stopOnSignal(SystemDriver system, PrintWriter err) {
        Thread starting = Thread.currentThread();
        Thread hook =
                Thread.ofPlatform()
                        .name("stop")
                        .unstarted(() -> {
                            if (stopped.getCount() == 0) return; // it failed, and said so
                            stopping = true;
                            err.println("\nStopping …");
                            err.flush();
                            system.beginStop();
                            starting.interrupt();
                            awaitStopped();
                        });
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void awaitStopped() {
        try {
            stopped.await(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
