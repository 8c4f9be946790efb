package dev.holdfast.region.log;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * How {@link BrokerProcess} runs its child.
 *
 * @param folder data of the broker, and its output in {@code broker.log}
 * @param libFolder the broker's own class path: every jar in this folder
 * @param namesrvPort on loopback
 * @param brokerPort on loopback; the port two below it is taken as well
 * @param heapMebibytes of the child
 * @param topics queues per topic, created when missing
 * @param retention how long messages are kept; longer than the longest outage
 * @param startTimeout from the start of the process to its readiness
 */
public record BrokerSettings(
        Path folder,
        Path libFolder,
        int namesrvPort,
        int brokerPort,
        int heapMebibytes,
        Map<String, Integer> topics,
        Duration retention,
        Duration startTimeout) {
    /** Names the folder of the broker's jars. */
    public static final String LIB_PROPERTY = "holdfast.broker-lib";

    public BrokerSettings {
        topics = Map.copyOf(topics);
        if (heapMebibytes < 64)
            throw new IllegalArgumentException("the broker needs a heap of 64 MiB at least");
        if (retention.toHours() < 1) throw new IllegalArgumentException("retention below 1 hour");
    }

    /** The defaults: RocketMQ's usual ports, 128 MiB, 30 days, and one topic for batches. */
    public static BrokerSettings of(Path folder, int queues) {
        return new BrokerSettings(
                folder,
                libFolderFromProperty(),
                9876,
                10911,
                128,
                Map.of(LogSettings.BATCHES, queues),
                Duration.ofDays(30),
                Duration.ofSeconds(90));
    }

    /** The same on other ports. */
    public BrokerSettings withPorts(int namesrv, int broker) {
        return new BrokerSettings(
                folder, libFolder, namesrv, broker, heapMebibytes, topics, retention, startTimeout);
    }

    /** The same with messages kept for another time. */
    public BrokerSettings withRetention(Duration other) {
        return new BrokerSettings(
                folder,
                libFolder,
                namesrvPort,
                brokerPort,
                heapMebibytes,
                topics,
                other,
                startTimeout);
    }

    private static Path libFolderFromProperty() {
        String folder = System.getProperty(LIB_PROPERTY);
        if (folder == null)
            throw new LogException(
                    "no folder of broker jars: give it with -D" + LIB_PROPERTY + "=FOLDER");
        return Path.of(folder);
    }
}
