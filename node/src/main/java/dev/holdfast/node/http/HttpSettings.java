package dev.holdfast.node.http;

import dev.holdfast.node.settings.ByteSize;
import dev.holdfast.node.settings.Default;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How a node listens, and what it bears at most. Beyond a bound callers are told to come back
 * later.
 *
 * @param host the address to listen at; {@code 0.0.0.0} for every one
 * @param port 0 for any free one
 * @param maxConnections more are closed as they come
 * @param maxRequests being answered at one time, streams included
 * @param maxSessions WebSockets open at one time
 * @param bufferedBodies memory for bodies that are arriving or being worked on, all together
 * @param bodyTimeout by when a body must have arrived
 * @param idleTimeout after which a silent connection is closed; also bounds the time to answer
 * @param pingInterval between pings on a WebSocket; silent for three of them, it is closed. At most
 *     20 s: a client takes 45 s without a byte for a dead connection
 * @param drain how long closing waits for requests under way
 * @param origins of other sites, whose pages a browser may let read what this node answers them;
 *     such as {@code https://edge-1.example:7700}, exactly as a browser writes it
 */
public record HttpSettings(
        @Default("0.0.0.0") String host,
        int port,
        @Default("20000") int maxConnections,
        @Default("2000") int maxRequests,
        @Default("10000") int maxSessions,
        @Default("64MiB") ByteSize bufferedBodies,
        @Default("2m") Duration bodyTimeout,
        @Default("75s") Duration idleTimeout,
        @Default("20s") Duration pingInterval,
        @Default("3s") Duration drain,
        @Default("") List<String> origins) {

    private static final int LONGEST_PING_INTERVAL_SECONDS = 20;

    private static final int MOST_ORIGINS = 100;
    private static final Pattern ORIGIN =
            Pattern.compile("https://([a-z0-9._-]+|\\[[0-9a-f:.]+])(:[1-9][0-9]{0,4})?");

    public HttpSettings {
        origins = List.copyOf(origins);
        if (origins.size() > MOST_ORIGINS)
            throw new IllegalArgumentException("origins are at most " + MOST_ORIGINS);
        for (String origin : origins) {
            if (!ORIGIN.matcher(origin).matches() || origin.endsWith(":443"))
                throw new IllegalArgumentException(
                        "an origin is https://host:port as a browser writes it: in lower case, without a path,"
                                + " and without the port where that is 443; not "
                                + origin);
        }
        if (port < 0 || port > 65_535)
            throw new IllegalArgumentException("a port is 0 to 65535, not " + port);
        if (maxConnections < 1 || maxRequests < 1 || maxSessions < 0) {
            throw new IllegalArgumentException("max-connections and max-requests are at least 1");
        }
        if (pingInterval.toMillis() < 1
                || idleTimeout.toMillis() < 1
                || bodyTimeout.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "ping-interval, idle-timeout and body-timeout are longer than nothing");
        }
        if (pingInterval.toSeconds() > LONGEST_PING_INTERVAL_SECONDS)
            throw new IllegalArgumentException(
                    "ping-interval is at most "
                            + LONGEST_PING_INTERVAL_SECONDS
                            + " s: clients hang up on whoever is silent for longer");
    }

    /** The defaults, at a port. */
    public static HttpSettings at(String host, int port) {
        return new HttpSettings(
                host,
                port,
                20_000,
                2_000,
                10_000,
                ByteSize.ofMiB(64),
                Duration.ofMinutes(2),
                Duration.ofSeconds(75),
                Duration.ofSeconds(20),
                Duration.ofSeconds(3),
                List.of());
    }

    /** The same, and pages of these other sites may read what it answers. */
    public HttpSettings withOrigins(List<String> others) {
        return new HttpSettings(
                host,
                port,
                maxConnections,
                maxRequests,
                maxSessions,
                bufferedBodies,
                bodyTimeout,
                idleTimeout,
                pingInterval,
                drain,
                others);
    }
}
