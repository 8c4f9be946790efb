package dev.holdfast.cli.node;

import java.util.List;

/** How the Java of a node is started by whoever starts it; the launcher says the same. */
public final class NodeJvm {
    /**
     * A node without memory is of no use; dead, it is started again. Its compilers have the lowest
     * priority but four: where everybody comes at once to a node that has just started, they would
     * take half of two processors from whom it serves. Without the right to raise priorities, which
     * nothing here needs, Java warns; it does so where logs go.
     */
    public static final List<String> OPTIONS =
            List.of(
                    "-Xmx512m",
                    "-XX:+ExitOnOutOfMemoryError",
                    "-XX:ThreadPriorityPolicy=1",
                    "-XX:CompilerThreadPriority=15",
                    "-XX:+DisplayVMOutputToStderr");

    private NodeJvm() {}
}
