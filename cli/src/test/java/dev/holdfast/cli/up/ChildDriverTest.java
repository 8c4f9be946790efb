package dev.holdfast.cli.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.cli.output.Failure;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChildDriverTest {
    /** As a node does: tells its start, serves, ends with its standard input. */
    private static final String SERVES =
            "echo progress opening; echo ready; echo a line of the log >&2; cat >/dev/null";

    @TempDir Path folder;

    private final Heard heard = new Heard();

    @Test
    void it_tells_how_the_start_goes_and_ends_with_its_standard_input() throws Exception {
        ProcessHandle child;
        try (ChildDriver driver = driver(SERVES)) {
            driver.awaitReady();
            assertThat(heard.next()).isEqualTo("progress opening");
            assertThat(heard.next()).isEqualTo("ready");
            child = ProcessHandle.of(driver.pid()).orElseThrow();
        }
        assertThat(child.isAlive()).isFalse();
        assertThat(log()).content().contains("a line of the log");
        assertThat(heard.told).as("a stop is not a death").isEmpty();
    }

    @Test
    void what_dies_is_started_again_and_that_is_told() throws Exception {
        try (ChildDriver driver = driver(SERVES)) {
            driver.awaitReady();
            heard.next();
            heard.next();
            long first = driver.pid();
            ProcessHandle.of(first).orElseThrow().destroyForcibly();
            assertThat(heard.next()).isEqualTo("ended 137, again in 500 ms");
            assertThat(heard.next()).isEqualTo("progress opening");
            assertThat(heard.next()).isEqualTo("ready");
            assertThat(driver.pid()).isNotEqualTo(first);
        }
    }

    @Test
    void what_is_replaced_is_killed_and_started_again_with_what_was_done_meanwhile()
            throws Exception {
        Path disk = Files.writeString(folder.resolve("disk"), "old");
        String shows = "echo progress $(cat " + disk + "); echo ready; cat >/dev/null";
        try (ChildDriver driver = driver(shows)) {
            driver.awaitReady();
            assertThat(heard.next()).isEqualTo("progress old");
            assertThat(heard.next()).isEqualTo("ready");
            ProcessHandle first = ProcessHandle.of(driver.pid()).orElseThrow();
            driver.replace(() -> {
                heard.told.add("alive: " + first.isAlive());
                write(disk, "new");
            });
            assertThat(heard.next()).isEqualTo("ended 137, again in 0 ms");
            assertThat(heard.next()).isEqualTo("alive: false");
            assertThat(heard.next()).isEqualTo("progress new");
            assertThat(heard.next()).isEqualTo("ready");
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void what_ends_before_it_is_ready_is_not_started_again_and_its_last_words_are_told() {
        String fails =
                "echo '{\"level\":\"info\"}' >&2;"
                        + " printf 'holdfast: no\\n  why: x\\n       y\\n  try: z\\n' >&2;"
                        + " exit 1";
        try (ChildDriver driver = driver(fails)) {
            assertThatThrownBy(driver::awaitReady)
                    .isInstanceOf(Failure.class)
                    .hasMessage("node: no")
                    .satisfies(fault -> {
                        assertThat(((Failure) fault).why()).isEqualTo("x\ny");
                        assertThat(((Failure) fault).remedy()).isEqualTo("z");
                    });
        }
        assertThat(heard.told).isEmpty();
    }

    @Test
    void closing_during_the_start_ends_it() throws Exception {
        ChildDriver driver = driver("echo progress opening; cat >/dev/null");
        assertThat(heard.next()).isEqualTo("progress opening");
        driver.close();
        driver.awaitReady();
        assertThat(ProcessHandle.of(driver.pid()).map(ProcessHandle::isAlive).orElse(false))
                .isFalse();
    }

    @Test
    void a_child_ends_when_its_parent_is_killed() throws Exception {
        Process parent =
                new ProcessBuilder(
                                Path.of(property("java.home"), "bin/java").toString(),
                                "-cp",
                                property("java.class.path"),
                                Parent.class.getName(),
                                log().toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader out = parent.inputReader(StandardCharsets.UTF_8)) {
            ProcessHandle child =
                    ProcessHandle.of(Long.parseLong(Objects.requireNonNull(out.readLine())))
                            .orElseThrow();
            assertThat(child.isAlive()).isTrue();
            parent.destroyForcibly().waitFor();
            child.onExit().get(20, TimeUnit.SECONDS);
        } finally {
            parent.destroyForcibly();
        }
    }

    /** Starts a child, prints its process id, and waits to be killed. */
    static final class Parent {
        private Parent() {}

        public static void main(String[] arguments) throws Exception {
            try (ChildDriver driver =
                    new ChildDriver("n", command(SERVES), Path.of(arguments[0]), new Heard())) {
                driver.awaitReady();
                System.out.println(driver.pid());
                Thread.sleep(Duration.ofMinutes(1));
            }
        }
    }

    private static String property(String name) {
        return Objects.requireNonNull(System.getProperty(name));
    }

    private ChildDriver driver(String script) {
        return new ChildDriver("node", command(script), log(), heard);
    }

    private static List<String> command(String script) {
        return List.of("/bin/sh", "-c", script, "node");
    }

    private Path log() {
        try {
            return Files.createDirectories(folder.resolve("log")).resolve("node.log");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** What a driver told, in order. */
    private static final class Heard implements ChildDriver.Listener {
        private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

        String next() throws InterruptedException {
            String next = told.poll(20, TimeUnit.SECONDS);
            return next == null ? "nothing" : next;
        }

        @Override
        public void started(ProcessHandle child) {}

        @Override
        public void progress(String words) {
            told.add("progress " + words);
        }

        @Override
        public void ready() {
            told.add("ready");
        }

        @Override
        public void ended(int status, Duration pause) {
            told.add("ended " + status + ", again in " + pause.toMillis() + " ms");
        }
    }
}
