package dev.holdfast.cli.up;

import dev.holdfast.cli.output.Progress;
import dev.holdfast.cli.output.Times;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The nodes of a local system: started side by side, watched, stopped together. Safe for use by
 * several threads: a stop may come while the start is under way.
 */
final class SystemDriver implements AutoCloseable {
    private final Program program;
    private final Layout layout;
    private final Progress progress;
    private final Consumer<ProcessHandle> noted;
    private final Map<String, ChildDriver> children = new LinkedHashMap<>();
    private final Map<String, Runnable> awaited = new ConcurrentHashMap<>();
    private boolean closed;

    /**
     * @param noted told of every process that is started
     */
    SystemDriver(Program program, Layout layout, Progress progress, Consumer<ProcessHandle> noted) {
        this.noted = noted;
        this.program = program;
        this.layout = layout;
        this.progress = progress;
    }

    /** Starts a node of the kind that {@code command} names, from its settings in the layout. */
    synchronized void start(String command, String node) {
        if (closed) return;
        children.put(
                node,
                new ChildDriver(
                        node,
                        program.with(command, layout.settings(node).toString()),
                        layout.log(node),
                        told(node)));
    }

    /** Waits until all are ready, or a stop came. */
    void awaitReady() throws InterruptedException {
        for (ChildDriver child : started()) child.awaitReady();
    }

    /**
     * Kills a node, has {@code meanwhile} done, and starts it again; does not wait for that.
     *
     * @param ready run when it answers again
     */
    synchronized void replace(String node, Runnable meanwhile, Runnable ready) {
        ChildDriver child = children.get(node);
        if (closed || child == null) return;
        awaited.put(node, ready);
        child.replace(() -> {
            try {
                meanwhile.run();
            } catch (RuntimeException e) {
                progress.line(node + ": " + e.getMessage());
            }
        });
    }

    /** Has all of them begin to stop, without waiting; {@link #close} must follow. */
    void beginStop() {
        synchronized (this) {
            closed = true;
        }
        started().forEach(ChildDriver::beginStop);
    }

    /** Stops all of them; within half a minute. */
    @Override
    public void close() {
        beginStop();
        started().forEach(ChildDriver::close);
    }

    private synchronized List<ChildDriver> started() {
        return List.copyOf(children.values());
    }

    private ChildDriver.Listener told(String node) {
        return new ChildDriver.Listener() {
            private boolean died;

            @Override
            public void started(ProcessHandle child) {
                noted.accept(child);
            }

            @Override
            public void progress(String words) {
                progress.at(node + ": " + words);
            }

            @Override
            public void ready() {
                if (died) {
                    progress.line(node + " is up again");
                } else {
                    progress.at(node + ": ready");
                    progress.step();
                }
                died = false;
                Runnable waiting = awaited.remove(node);
                if (waiting != null) waiting.run();
            }

            @Override
            public void ended(int status, Duration pause) {
                died = true;
                progress.line(
                        node
                                + " ended ("
                                + (status > 128 ? "signal " + (status - 128) : "status " + status)
                                + "); starting it again in "
                                + Times.span(pause)
                                + "; its log is "
                                + layout.log(node));
            }
        };
    }
}
