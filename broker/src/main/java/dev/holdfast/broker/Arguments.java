package dev.holdfast.broker;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@link BrokerMain} is told: {@code --home=FOLDER --namesrv-port=N --broker-port=N
 * --retention-hours=N --topic=NAME:QUEUES}, the last any number of times.
 *
 * @param home everything that is kept: the store, the configuration of topics, the lock
 * @param namesrvPort the name server's, on loopback
 * @param brokerPort the broker's, on loopback; {@code brokerPort - 2} is taken too (RocketMQ's
 *     "fast" port)
 * @param retentionHours how long a message is kept, consumed or not
 * @param topics queues per topic
 */
record Arguments(
        Path home,
        int namesrvPort,
        int brokerPort,
        int retentionHours,
        Map<String, Integer> topics) {
    Arguments {
        topics = Map.copyOf(topics);
        requirePort(namesrvPort);
        requirePort(brokerPort);
        requirePort(brokerPort - 2);
        if (retentionHours < 1) throw new IllegalArgumentException("--retention-hours below 1");
        topics.forEach((name, queues) -> {
            if (queues < 1 || queues > 1024)
                throw new IllegalArgumentException(name + ": 1 to 1024 queues, not " + queues);
        });
    }

    static Arguments parse(List<String> args) {
        Map<String, String> single = new LinkedHashMap<>();
        Map<String, Integer> topics = new LinkedHashMap<>();
        for (String arg : args) {
            int equals = arg.indexOf('=');
            if (!arg.startsWith("--") || equals < 0)
                throw new IllegalArgumentException("not of the form --name=value: " + arg);
            String name = arg.substring(2, equals);
            String value = arg.substring(equals + 1);
            if (name.equals("topic")) {
                int colon = value.lastIndexOf(':');
                if (colon < 1) throw new IllegalArgumentException("not NAME:QUEUES: " + value);
                topics.put(value.substring(0, colon), Integer.valueOf(value.substring(colon + 1)));
            } else {
                single.put(name, value);
            }
        }
        Arguments parsed =
                new Arguments(
                        Path.of(take(single, "home")).toAbsolutePath(),
                        Integer.parseInt(take(single, "namesrv-port")),
                        Integer.parseInt(take(single, "broker-port")),
                        Integer.parseInt(take(single, "retention-hours")),
                        topics);
        if (!single.isEmpty())
            throw new IllegalArgumentException("unknown arguments: " + single.keySet());
        return parsed;
    }

    private static String take(Map<String, String> from, String name) {
        String value = from.remove(name);
        if (value == null) throw new IllegalArgumentException("--" + name + " is missing");
        return value;
    }

    private static void requirePort(int port) {
        if (port < 1 || port > 65_535) throw new IllegalArgumentException("not a port: " + port);
    }
}
