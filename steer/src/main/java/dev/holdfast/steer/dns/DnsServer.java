package dev.holdfast.steer.dns;

import dev.holdfast.keys.Entropy;
import dev.holdfast.node.settings.SettingsException;
import dev.holdfast.steer.pool.Standings;
import dev.holdfast.steer.zone.DnsName;
import dev.holdfast.steer.zone.Zone;
import dev.holdfast.steer.zone.Zones;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.xbill.DNS.Type;

/**
 * An authoritative DNS server, listening. Each answer is made of the zones and standings as they
 * are when the question comes; both are asked for with every packet, so they answer at once.
 */
public final class DnsServer implements AutoCloseable {
    private final Supplier<Zones> zones;
    private final Supplier<Standings> standings;
    private final InstantSource clock;
    private final Entropy entropy;
    private final DnsSettings settings;
    private final Signer signer;
    private final Responder.Shared shared;
    private final List<InetSocketAddress> addresses = new ArrayList<>();
    private final List<UdpDriver> udp = new ArrayList<>();
    private final List<TcpDriver> tcp = new ArrayList<>();

    private final ReentrantLock explaining = new ReentrantLock();
    private final Responder explainer;

    private DnsServer(
            DnsSettings settings,
            Path data,
            Supplier<Zones> zones,
            Supplier<Standings> standings,
            InstantSource clock,
            Entropy entropy,
            MeterRegistry meters) {
        this.settings = settings;
        this.zones = zones;
        this.standings = standings;
        this.clock = clock;
        this.entropy = entropy;
        this.signer = new Signer(settings.zoneKeys(data));
        Cookies cookies =
                settings.cookieSecret().isPresent()
                        ? Cookies.load(settings.cookieSecret().get())
                        : Cookies.loadOrMake(data.resolve("cookie-secret"), entropy);
        this.shared =
                new Responder.Shared(
                        settings,
                        cookies,
                        new RateLimit(settings.rate(), seed()),
                        signer,
                        new DnsCount(meters));
        this.explainer = responder();
    }

    /**
     * Listens.
     *
     * @param data the node's folder, for what the settings do not place elsewhere
     * @throws SettingsException when it cannot listen there, or has no secret for cookies
     * @throws dev.holdfast.keys.KeysException when a signed zone's key cannot be read
     */
    public static DnsServer open(
            DnsSettings settings,
            Path data,
            Supplier<Zones> zones,
            Supplier<Standings> standings,
            InstantSource clock,
            Entropy entropy,
            MeterRegistry meters) {
        DnsServer server = new DnsServer(settings, data, zones, standings, clock, entropy, meters);
        server.delegationSigners();
        try {
            for (InetSocketAddress address : settings.addresses()) server.listen(address);
            return server;
        } catch (IOException e) {
            server.close();
            throw new SettingsException(List.of("dns: " + e.getMessage()));
        }
    }

    private void listen(InetSocketAddress at) throws IOException {
        TcpDriver connections = new TcpDriver(at, settings, responder(), this::moment, clock);
        tcp.add(connections);
        // One port for both, also where any free one will do.
        InetSocketAddress same = connections.address();
        addresses.add(same);
        int threads = settings.udpThreads().orElse(Runtime.getRuntime().availableProcessors());
        for (int i = 0; i < threads; i++)
            udp.add(new UdpDriver(UdpDriver.listen(same), responder(), this::moment));
    }

    private Responder.Moment moment() {
        return new Responder.Moment(zones.get(), standings.get(), clock.millis());
    }

    private Responder responder() {
        SplittableRandom lots = new SplittableRandom(seed());
        return new Responder(shared, lots::nextLong);
    }

    private long seed() {
        return ByteBuffer.wrap(entropy.bytes(Long.BYTES).toArray()).getLong();
    }

    /** Where it listens, in the order of the settings. */
    public List<InetSocketAddress> addresses() {
        return List.copyOf(addresses);
    }

    /**
     * What a client would be answered now, and why; it is found out by the code that answers.
     *
     * @param type such as {@code A}
     * @throws IllegalArgumentException when {@code name} or {@code type} is none
     */
    public Explanation explain(String name, String type, InetAddress client) {
        int number = Type.value(type.toUpperCase(Locale.ROOT));
        if (number < 0) throw new IllegalArgumentException("there are no records \"" + type + "\"");
        explaining.lock();
        try {
            return explainer.explain(DnsName.parse(name), number, client, moment());
        } finally {
            explaining.unlock();
        }
    }

    /** What the zone above must be given for each signed zone: DS records in text form. */
    public List<String> delegationSigners() {
        return zones.get().zones().values().stream()
                .filter(Zone::isSigned)
                .map(Zone::origin)
                .flatMap(zone -> signer.keys(zone).stream().map(key -> key.dsText(zone)))
                .sorted()
                .toList();
    }

    @Override
    public void close() {
        tcp.forEach(TcpDriver::close);
        udp.forEach(UdpDriver::close);
    }
}
