package dev.holdfast.store.link;

import java.time.Duration;

/**
 * How patient a link is.
 *
 * @param attempt for one endpoint to answer: long, since over a slow radio each of the four round
 *     trips to a first answer takes seconds, and a node to which everybody comes back is slow too
 * @param stagger between the starts of attempts at several endpoints
 * @param silence after which a socket on which nothing comes is taken to be dead; servers ping it
 *     every 20 s, or more often
 * @param firstWait the bound of the wait after one failure; it doubles with each, up to {@code
 *     longestWait}, and the wait is drawn below it
 * @param busyPoll between rounds without a socket, while something happens
 * @param idlePoll the same once nothing does
 * @param socketProbe how long rounds are used before a socket is tried again
 */
public record LinkTimes(
        Duration attempt,
        Duration stagger,
        Duration silence,
        Duration firstWait,
        Duration longestWait,
        Duration busyPoll,
        Duration idlePoll,
        Duration socketProbe) {
    public static final LinkTimes DEFAULT =
            new LinkTimes(
                    Duration.ofSeconds(10),
                    Duration.ofMillis(250),
                    Duration.ofSeconds(45),
                    Duration.ofMillis(200),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(5));
}
