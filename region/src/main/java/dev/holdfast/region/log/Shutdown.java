package dev.holdfast.region.log;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops a client of RocketMQ without trusting it to return: with the broker gone, every goodbye it
 * wants to say waits for a timeout of its own.
 */
final class Shutdown {
    private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private Shutdown() {}

    static void bounded(String what, Runnable stop) {
        Thread thread = Thread.ofPlatform().daemon().name("stop-" + what).start(stop);
        try {
            if (!thread.join(PATIENCE))
                LOG.warn("the {}'s client did not stop in {} s", what, PATIENCE.toSeconds());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
