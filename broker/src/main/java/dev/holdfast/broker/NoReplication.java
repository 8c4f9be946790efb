package dev.holdfast.broker;

import org.apache.rocketmq.store.ha.DefaultHAService;

/**
 * RocketMQ's replication, never started. It would listen on every address of the machine and hand
 * the commit log to whoever connects; one broker on loopback has no slave. Found by RocketMQ
 * through {@code META-INF/service}.
 */
public final class NoReplication extends DefaultHAService {
    /** Called by RocketMQ. */
    public NoReplication() {}

    @Override
    public void start() {}

    @Override
    public void shutdown() {}
}
