package dev.holdfast.node.http;

import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A pool of so many threads that takes what was given to it last. Under more work than it can do it
 * finishes what is fresh, where a pool that keeps the order finishes everything too late.
 * Unbounded: whoever gives it work bounds that. Thread-safe.
 */
final class NewestFirst extends ThreadPoolExecutor {
    NewestFirst(ThreadFactory factory, int threads) {
        super(threads, threads, 1, TimeUnit.MINUTES, new Pile(), factory);
    }

    /** {@link ThreadPoolExecutor} puts in by {@code offer}, and takes from the front. */
    private static final class Pile extends LinkedBlockingDeque<Runnable> {
        private static final long serialVersionUID = 1;

        @Override
        public boolean offer(Runnable task) {
            return offerFirst(task);
        }
    }
}
