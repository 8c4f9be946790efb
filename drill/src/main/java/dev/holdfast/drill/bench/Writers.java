package dev.holdfast.drill.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Several threads that each work through a share of the same items, begun together. */
final class Writers {
    private Writers() {}

    /** What is done to an item. */
    interface Work<T> {
        void on(T item) throws Exception;
    }

    /** Deals out {@code items} to as many writers; answers the seconds until the last has ended. */
    static <T> double run(int writers, List<T> items, Work<T> work) throws Exception {
        List<List<T>> shares = new ArrayList<>();
        for (int w = 0; w < writers; w++) shares.add(new ArrayList<>());
        for (int i = 0; i < items.size(); i++) shares.get(i % writers).add(items.get(i));
        return each(shares, work);
    }

    /** Gives every writer a share of its own. */
    static <T> double each(List<List<T>> shares, Work<T> work) throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (List<T> share : shares) {
            threads.add(
                    Thread.ofPlatform()
                            .daemon(true)
                            .start(() -> {
                                try {
                                    start.await();
                                    for (T item : share) work.on(item);
                                } catch (Exception e) {
                                    failure.compareAndSet(null, e);
                                }
                            }));
        }
        long started = System.nanoTime();
        start.countDown();
        for (Thread thread : threads) thread.join();
        double seconds = (System.nanoTime() - started) / 1e9;
        Exception fault = failure.get();
        if (fault != null) throw fault;
        return seconds;
    }
}
