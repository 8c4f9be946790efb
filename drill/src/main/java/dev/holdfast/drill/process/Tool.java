package dev.holdfast.drill.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A short program of the operating system, run to its end. */
public final class Tool {
    private static final long PATIENCE_SECONDS = 30;

    private Tool() {}

    /**
     * Its output, when it ended well.
     *
     * @throws DrillException with its words when it did not
     */
    public static String run(String... command) {
        Ended ended = tryRun(command);
        if (ended.status() != 0) {
            throw new DrillException(
                    String.join(" ", command)
                            + " ended with status "
                            + ended.status()
                            + ": "
                            + ended.output().strip());
        }
        return ended.output();
    }

    /** How it ended, and all that it said; status 127 where there is no such program. */
    public record Ended(int status, String output) {}

    public static Ended tryRun(String... command) {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            return new Ended(127, e.toString());
        }
        try {
            process.getOutputStream().close();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                throw new DrillException(String.join(" ", command) + " does not end");
            return new Ended(process.exitValue(), output);
        } catch (IOException e) {
            throw new DrillException("running " + String.join(" ", command), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DrillException("interrupted while running " + List.of(command), e);
        } finally {
            process.destroyForcibly();
        }
    }
}
