package dev.holdfast.device;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Tells listeners on a virtual thread of its own, in order. What finds the queue full is not told:
 * everything that is told here can be asked for as well.
 */
final class TellingDriver implements AutoCloseable {
    private static final int QUEUED = 1_000;

    private final BlockingQueue<Runnable> queue = new ArrayBlockingQueue<>(QUEUED);
    private final Thread thread;

    TellingDriver() {
        thread = Thread.ofVirtual().name("holdfast-listeners").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Never waits; answers whether it will be told. */
    boolean tell(Runnable telling) {
        return queue.offer(telling);
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        try {
            while (true) {
                Runnable next = queue.take();
                try {
                    next.run();
                } catch (RuntimeException e) {
                    Thread.UncaughtExceptionHandler handler = thread.getUncaughtExceptionHandler();
                    if (handler != null) handler.uncaughtException(thread, e);
                }
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }
}
