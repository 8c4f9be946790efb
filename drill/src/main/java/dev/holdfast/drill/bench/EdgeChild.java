package dev.holdfast.drill.bench;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.trust.Deployment;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.ReplicaKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** A deployment with one edge, which runs as a child of this process and ends with it. */
public final class EdgeChild implements AutoCloseable {
    private static final String NAME = "edge-1";
    private static final Duration VALIDITY = Duration.ofDays(1);

    /** The kernel counts a process's time in hundredths of a second, whatever its clock does. */
    private static final double TICKS_PER_SECOND = 100;

    private final Deployment deployment;
    private final Path data;
    private final Process process;
    private final URI address;

    private EdgeChild(Deployment deployment, Path data, Process process, URI address) {
        this.deployment = deployment;
        this.data = data;
        this.process = process;
        this.address = address;
    }

    /**
     * Makes keys and starts the edge.
     *
     * @param recording where it leaves a JFR recording when it ends
     * @throws Failure when it does not start
     */
    public static EdgeChild start(Path folder, Optional<Path> recording) throws IOException {
        Deployment deployment =
                Deployment.create(
                        folder.resolve("keys"), "bench", Entropy.system(), InstantSource.system());
        Deployment.Node node =
                deployment.issue(
                        NAME,
                        Grant.Role.EDGE,
                        List.of("localhost", "127.0.0.1"),
                        VALIDITY,
                        Duration.ZERO);
        Path data = folder.resolve(NAME);
        Path log = folder.resolve("edge.log");
        List<String> command = new ArrayList<>();
        command.add(System.getProperty("java.home") + "/bin/java");
        command.addAll(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        // What `up` gives its nodes.
                        "-Xmx512m"));
        recording.ifPresent(file ->
                command.add(
                        "-XX:StartFlightRecording=settings=profile,dumponexit=true,filename="
                                + file));
        command.addAll(
                List.of("-cp", Objects.requireNonNull(System.getProperty("java.class.path"))));
        command.add(EdgeChildMain.class.getName());
        command.addAll(List.of(data.toString(), node.folder().toString()));
        Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        // The recorder speaks on the standard output as well.
        String line = out.readLine();
        while (line != null && !line.startsWith("https://")) line = out.readLine();
        if (line == null) {
            throw new Failure(
                    "the edge did not start",
                    Files.readString(log).strip(),
                    "holdfast up, to see whether an edge runs here at all");
        }
        return new EdgeChild(deployment, data, process, URI.create(line));
    }

    public URI address() {
        return address;
    }

    public Deployment deployment() {
        return deployment;
    }

    /** Where its store is; may be opened once this is closed. */
    public Path data() {
        return data;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** A device's grant for everything in a scope. */
    public SignedGrant grant(ReplicaKey key, String subject, String scope) {
        return deployment.grant(
                key.publicKey(),
                subject,
                Grant.Role.DEVICE,
                List.of(new Grant.Right(scope, true, List.of(Grant.ANY))),
                VALIDITY,
                Duration.ZERO);
    }

    /** CPU that it has used since its start, the kernel's part of it included. */
    double cpuSeconds() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        // The name, in brackets, may hold blanks.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    }

    /** Ends it in order; may be called twice. */
    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (process.waitFor(Duration.ofSeconds(30))) return;
        } catch (IOException e) {
            // It is gone, or about to be.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
