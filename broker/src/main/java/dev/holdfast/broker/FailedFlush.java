package dev.holdfast.broker;

import org.apache.rocketmq.logging.ch.qos.logback.classic.spi.ILoggingEvent;
import org.apache.rocketmq.logging.ch.qos.logback.core.AppenderBase;

/**
 * Ends the process at the first flush that fails, before anything is acknowledged by it.
 *
 * <p>RocketMQ tries a failed flush again, a thousand times within two seconds. Linux reports such a
 * failure once and drops what it could not write, so that the second try would succeed and a
 * message that is nowhere be acknowledged. All that RocketMQ says of the failure is a line in its
 * log, on the thread that flushes; {@code rmq.logback.xml} brings it here.
 */
public final class FailedFlush extends AppenderBase<ILoggingEvent> {
    /** Known to the region's {@code BrokerProcess}, which shares no class path with this. */
    static final int STATUS = 4;

    /** What {@code DefaultMappedFile} logs, and nothing else does. */
    static final String WORDS = "Error occurred when force data to disk.";

    @Override
    protected void append(ILoggingEvent event) {
        if (!WORDS.equals(event.getMessage())) return;
        // How it failed is said in the line of the log itself.
        System.err.println("a flush has failed, so this process ends");
        Runtime.getRuntime().halt(STATUS);
    }
}
