package dev.holdfast.store.link;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waiting for what other threads bring about. */
public final class Await {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Await() {}

    /** Returns once {@code holds}; fails, with {@code otherwise}, where it never does. */
    public static void until(BooleanSupplier holds, Supplier<String> otherwise) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - end > 0) throw new AssertionError(otherwise.get());
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }
}
