package dev.holdfast.steer.pool;

import dev.holdfast.node.settings.Default;
import java.time.Duration;
import java.util.Optional;

/**
 * How an endpoint is looked at.
 *
 * @param kind what is done
 * @param port where, unless the endpoint says otherwise
 * @param path of {@code http} and {@code https}
 * @param host the name in TLS and in the request's Host, unless it is the address
 * @param ca a PEM file with who may vouch for the certificate; the deployment's CA unless said
 * @param status the answers that are well, such as {@code 200}
 * @param body what an answer must contain, within its first 64 KiB
 * @param maxLag for {@code ready}: the most that a node may be behind
 * @param every from the beginning of one look to that of the next, when all is well or all is not
 * @param timeout how long one may take
 * @param downAfter looks in a row that must fail before it is down
 * @param upAfter looks in a row that must be well before it is up again
 */
public record CheckSettings(
        @Default("ready") Kind kind,
        @Default("443") int port,
        @Default("/") String path,
        Optional<String> host,
        Optional<String> ca,
        @Default("200") int status,
        Optional<String> body,
        Optional<Duration> maxLag,
        @Default("2s") Duration every,
        @Default("1s") Duration timeout,
        @Default("3") int downAfter,
        @Default("2") int upAfter) {

    public CheckSettings {
        if (port < 1 || port > 65_535)
            throw new IllegalArgumentException("port is between 1 and 65535");
        if (!path.startsWith("/")) throw new IllegalArgumentException("path begins with /");
        if (status < 100 || status > 599)
            throw new IllegalArgumentException("status is an answer's, such as 200");
        if (every.toMillis() < 100 || every.compareTo(Duration.ofHours(1)) > 0)
            throw new IllegalArgumentException("every is between 100ms and 1h");
        if (timeout.toMillis() < 10 || timeout.compareTo(Duration.ofMinutes(1)) > 0)
            throw new IllegalArgumentException("timeout is between 10ms and 1m");
        if (downAfter < 1 || downAfter > 100 || upAfter < 1 || upAfter > 100)
            throw new IllegalArgumentException("down-after and up-after are between 1 and 100");
    }

    /** What a look is. */
    public enum Kind {
        /** A connection is taken. */
        TCP,
        /** TLS 1.2 or newer is agreed on, with a certificate that is believed. */
        TLS,
        /** A plain request is answered as it must be. */
        HTTP,
        /** The same over TLS. */
        HTTPS,
        /** A node of Holdfast says at {@code /readyz} that it is ready, and not too far behind. */
        READY,
        /** No look: always up. */
        NONE
    }
}
