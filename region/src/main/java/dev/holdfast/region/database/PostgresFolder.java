package dev.holdfast.region.database;

import dev.holdfast.keys.DurableFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An embedded PostgreSQL's folder, and what is done to it while no server of ours runs: {@code
 * data} (the cluster), {@code password}, {@code postgres.log}, {@code holdfast.lock}.
 */
final class PostgresFolder implements AutoCloseable {
    static final String USER = "holdfast";

    private static final Logger LOG = LoggerFactory.getLogger(PostgresFolder.class);
    private static final Duration COMMAND_PATIENCE = Duration.ofMinutes(2);
    private static final long LOG_BYTES_MAX = 8 << 20;
    private static final int TAIL_CHARS = 4_000;

    private final Path folder;
    private final Path programs;
    private final RunAs runAs;
    private final FileChannel lock;

    /** Takes the folder for this process. */
    PostgresFolder(Path folder, Path programs, RunAs runAs) throws IOException {
        Files.createDirectories(folder);
        // One name for one folder: a leftover server is known by it.
        this.folder = folder.toRealPath();
        this.programs = programs;
        this.runAs = runAs;
        this.lock = lock(this.folder.resolve("holdfast.lock"));
    }

    Path data() {
        return folder.resolve("data");
    }

    Path log() {
        return folder.resolve("postgres.log");
    }

    String password() throws IOException {
        return Files.readString(folder.resolve("password"));
    }

    /** Makes the cluster if there is none; one that was begun and not finished is begun again. */
    void initialise() throws IOException, InterruptedException {
        if (Files.isDirectory(data())) {
            runAs.own(folder);
            return;
        }
        byte[] secret = new byte[24];
        new SecureRandom().nextBytes(secret);
        Path password = folder.resolve("password");
        Files.deleteIfExists(password);
        Files.createFile(
                password,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        String text = Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        // initdb flushes what it makes, and without the password nobody gets at that.
        Files.writeString(password, text, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
        Path unfinished = folder.resolve("data.unfinished");
        deleteTree(unfinished);
        Files.createDirectory(unfinished);
        runAs.own(folder);
        // Every local user can reach the port, so nobody gets in without the password.
        run(
                "initdb",
                "--pgdata=" + unfinished,
                "--username=" + USER,
                "--auth=scram-sha-256",
                "--pwfile=" + password,
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-instructions");
        Files.move(unfinished, data(), StandardCopyOption.ATOMIC_MOVE);
        DurableFile.flush(folder);
    }

    /**
     * Stops a server that a killed parent of ours has left behind, and removes the mark of one that
     * is gone. Never attaches to it: nobody knows with which settings it was started.
     */
    void stopLeftover() throws IOException, InterruptedException {
        Optional<ProcessHandle> server = leftover();
        if (server.isPresent()) {
            LOG.info("stopping the PostgreSQL that was left behind, pid {}", server.get().pid());
            try {
                stop("fast");
            } catch (DatabaseException e) {
                LOG.warn("it does not stop by itself; recovery will follow", e);
                stop("immediate");
            }
            server.get().onExit().orTimeout(10, TimeUnit.SECONDS).join();
        } else {
            // The number may belong to somebody else by now, which would stop the next server.
            Files.deleteIfExists(pidFile());
        }
    }

    /** With {@code fast} sessions are cut and everything is written; waits for the end. */
    void stop(String mode) throws IOException, InterruptedException {
        run("pg_ctl", "stop", "--pgdata=" + data(), "--mode=" + mode, "--wait", "--timeout=30");
    }

    /** Its output goes to the log file. */
    Process start(List<String> options) throws IOException {
        if (Files.exists(log()) && Files.size(log()) > LOG_BYTES_MAX)
            Files.move(
                    log(), folder.resolve("postgres.log.1"), StandardCopyOption.REPLACE_EXISTING);
        return new ProcessBuilder(runAs.command(program("postgres", options)))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
    }

    String lastWords() {
        try {
            String words = Files.exists(log()) ? Files.readString(log()) : "";
            return words.substring(Math.max(0, words.length() - TAIL_CHARS));
        } catch (IOException e) {
            return "(its output cannot be read: " + e.getMessage() + ")";
        }
    }

    private Optional<ProcessHandle> leftover() throws IOException {
        if (!Files.exists(pidFile())) return Optional.empty();
        long pid;
        try {
            pid = Long.parseLong(Files.readAllLines(pidFile()).getFirst().trim());
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
        return ProcessHandle.of(pid)
                .filter(process ->
                        process.info()
                                .commandLine()
                                .map(line -> line.contains(data().toString()))
                                .orElse(false));
    }

    private Path pidFile() {
        return data().resolve("postmaster.pid");
    }

    private void run(String name, String... options) throws IOException, InterruptedException {
        Path output = folder.resolve(name + ".log");
        Process process =
                new ProcessBuilder(runAs.command(program(name, List.of(options))))
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        process.getOutputStream().close();
        if (!process.waitFor(COMMAND_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new DatabaseException(
                    name + " did not end in " + COMMAND_PATIENCE.toSeconds() + " s");
        }
        if (process.exitValue() != 0)
            throw new DatabaseException(name + " failed:\n" + Files.readString(output));
    }

    private List<String> program(String name, List<String> options) {
        return Stream.concat(
                        Stream.of(programs.resolve("bin").resolve(name).toString()),
                        options.stream())
                .toList();
    }

    private static FileChannel lock(Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) return channel;
        } catch (OverlappingFileLockException e) {
            // Held by this very process: as much in use as by another.
        }
        channel.close();
        throw new DatabaseException("another process uses the database in " + file.getParent());
    }

    private static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) return;
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        }
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            LOG.warn("giving back {}", folder, e);
        }
    }
}
