package dev.holdfast.drill.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What this thread has allocated and how long it has worked, as the JVM counts it. */
final class Allocated {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocated() {}

    /** Bytes since the thread began, freed ones included. */
    static long bytes() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }
}
