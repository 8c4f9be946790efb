package dev.holdfast.region.log;

import java.time.Duration;

/**
 * How {@link RocketLog} uses its broker.
 *
 * @param namesrvAddress host:port, several separated by semicolons
 * @param topic must exist; its queues are the shards
 * @param openTimeout how long to wait for the topic when the log is opened
 * @param sendTimeout for one append
 * @param batchBytesMax up to here records of one shard travel together
 */
public record LogSettings(
        String namesrvAddress,
        String topic,
        Duration openTimeout,
        Duration sendTimeout,
        int batchBytesMax) {
    /** The topic that ingest writes and workers read. */
    public static final String BATCHES = "holdfast-batches";

    public LogSettings {
        if (batchBytesMax < 1_024 || batchBytesMax > LogRecord.BODY_BYTES_MAX)
            throw new IllegalArgumentException(
                    "batches of 1 KiB to "
                            + LogRecord.BODY_BYTES_MAX
                            + " bytes, not "
                            + batchBytesMax);
    }

    public static LogSettings of(String namesrvAddress) {
        return of(namesrvAddress, BATCHES);
    }

    public static LogSettings of(String namesrvAddress, String topic) {
        return new LogSettings(
                namesrvAddress, topic, Duration.ofSeconds(30), Duration.ofSeconds(10), 1 << 20);
    }
}
