package dev.holdfast.cli.output;

import java.io.Console;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * How far long work is, on the standard error: a bar where there is a terminal, else a line
 * whenever the work changes. Safe for use by several threads.
 */
public final class Progress implements AutoCloseable {
    private static final int UPDATE_MILLIS = 200;
    private static final int WIDTH = 100;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintWriter err;
    private @Nullable ProgressBar bar;

    /** What each said last, by its name before the colon. */
    private final Map<String, String> last = new HashMap<>();

    private Progress(PrintWriter err, @Nullable ProgressBar bar) {
        this.err = err;
        this.bar = bar;
    }

    /** Work of {@code steps} steps. */
    public static Progress of(String task, int steps, PrintWriter err) {
        if (!onTerminal()) return new Progress(err, null);
        ProgressBar bar =
                new ProgressBarBuilder()
                        .setTaskName(task)
                        .setInitialMax(steps)
                        .setStyle(ProgressBarStyle.UNICODE_BLOCK)
                        .setUpdateIntervalMillis(UPDATE_MILLIS)
                        .continuousUpdate()
                        .hideEta()
                        .clearDisplayOnFinish()
                        .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
                        .build();
        return new Progress(err, bar);
    }

    private static boolean onTerminal() {
        // None at all where input or output is a file or a pipe.
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent()
                && !"dumb".equals(System.getenv("TERM"));
    }

    /** What is being done now; a count of seconds at its end makes it no new line. */
    public synchronized void at(String words) {
        if (bar != null) {
            bar.setExtraMessage(words);
            return;
        }
        String stage = words.replaceFirst(",? *\\d+ s$", "");
        String who = stage.substring(0, Math.max(0, stage.indexOf(':')));
        if (!stage.equals(last.put(who, stage))) line(stage);
    }

    /** A step is done. */
    public synchronized void step() {
        if (bar != null) bar.step();
    }

    /** A line that stays. */
    public synchronized void line(String text) {
        err.println(bar == null ? text : CLEAR_LINE + text);
        err.flush();
    }

    /** The work is done: the bar goes, lines may still come. */
    public synchronized void done() {
        if (bar != null) bar.close();
        bar = null;
    }

    @Override
    public void close() {
        done();
    }
}
