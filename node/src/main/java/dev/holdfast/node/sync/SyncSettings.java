package dev.holdfast.node.sync;

import dev.holdfast.node.settings.Default;
import java.time.Duration;

/**
 * What a node bears of its sessions, beyond the number of them, which is a bound of its listener.
 *
 * @param sessionsPerClient open at once with the grant of one replica; one more ends the oldest,
 *     since a client whose link broke cannot close what it left behind
 * @param helloTimeout by when a client must have proved who it is
 * @param nodeCertificates whether an edge or a region must also present a certificate of the
 *     deployment's CA, in the name that is its grant's subject
 */
public record SyncSettings(
        @Default("8") int sessionsPerClient,
        @Default("10s") Duration helloTimeout,
        @Default("true") boolean nodeCertificates) {
    public static final SyncSettings DEFAULT = new SyncSettings(8, Duration.ofSeconds(10), true);

    public SyncSettings {
        if (sessionsPerClient < 1 || helloTimeout.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "sessions-per-client is at least 1, hello-timeout longer than nothing");
        }
    }
}
