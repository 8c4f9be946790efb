package dev.holdfast.region.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * As whom PostgreSQL runs: it refuses to run as root, which in a container is often all there is.
 *
 * @param prefix put before the command
 * @param ownsFiles whether the data must belong to the unprivileged user
 */
record RunAs(List<String> prefix, boolean ownsFiles) {
    private static final int NOBODY = 65_534;

    /** The user that this process runs as. */
    static final RunAs SELF = new RunAs(List.of(), false);

    /** A user namespace that maps nobody: PostgreSQL sees another user, the files stay root's. */
    static final RunAs NAMESPACE = new RunAs(List.of("unshare", "-U"), false);

    /** A real other user, where namespaces are forbidden. */
    static final RunAs OTHER_USER =
            new RunAs(
                    List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"),
                    true);

    RunAs {
        prefix = List.copyOf(prefix);
    }

    /** What works here; tried by running {@code id}. */
    static RunAs choose() {
        if (!"root".equals(System.getProperty("user.name"))) return SELF;
        if (NAMESPACE.works()) return NAMESPACE;
        if (OTHER_USER.works()) return OTHER_USER;
        throw new DatabaseException(
                "PostgreSQL does not run as root, and neither unshare nor setpriv works here: run"
                        + " as another user, or configure the JDBC URL of a database");
    }

    List<String> command(List<String> command) {
        List<String> whole = new ArrayList<>(prefix);
        whole.addAll(command);
        return whole;
    }

    /** Hands a folder over where that is needed, with what is in it. */
    void own(Path folder) throws IOException {
        if (!ownsFiles) return;
        try (Stream<Path> files = Files.walk(folder)) {
            files.forEach(RunAs::giveToNobody);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void giveToNobody(Path file) {
        try {
            Files.setAttribute(file, "unix:uid", NOBODY);
            Files.setAttribute(file, "unix:gid", NOBODY);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean works() {
        try {
            Process process =
                    new ProcessBuilder(command(List.of("id", "-u")))
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return process.waitFor(5, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
