package dev.holdfast.steer.dns;

import dev.holdfast.keys.Entropy;
import dev.holdfast.steer.pool.Standings;
import dev.holdfast.steer.zone.Zones;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/**
 * An authoritative DNS server, listening. Each answer is made of the zones and standings as they
 * are when the question comes; both are asked for with every packet, so they answer at once.
 */
@SuppressWarnings("DoNotCallSuggester") // comes with the next commits
public final class DnsServer implements AutoCloseable {
    private DnsServer() {}

    /**
     * Listens.
     *
     * @param data the node's folder, for what the settings do not place elsewhere
     */
    public static DnsServer open(
            DnsSettings settings,
            Path data,
            Supplier<Zones> zones,
            Supplier<Standings> standings,
            InstantSource clock,
            Entropy entropy,
            MeterRegistry meters) {
        throw new UnsupportedOperationException("not yet");
    }

    /** Where it listens, in the order of the settings. */
    public List<InetSocketAddress> addresses() {
        throw new UnsupportedOperationException("not yet");
    }

    /**
     * What a client would be answered now, and why; it is found out by the code that answers.
     *
     * @param type such as {@code A}
     * @throws IllegalArgumentException when {@code name} or {@code type} is none
     */
    public Explanation explain(String name, String type, InetAddress client) {
        throw new UnsupportedOperationException("not yet");
    }

    /** What the zone above must be given for each signed zone: DS records in text form. */
    public List<String> delegationSigners() {
        throw new UnsupportedOperationException("not yet");
    }

    @Override
    public void close() {}
}
