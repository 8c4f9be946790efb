package dev.holdfast.cli.up;

import dev.holdfast.cli.net.LinkProxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The links of a local system that can be cut: the cable between the edge and the regions, and the
 * street between the devices and the edge. Everything else of it stands on one machine and is never
 * apart. Thread-safe.
 */
final class Links implements AutoCloseable {
    private final List<LinkProxy> cable = new CopyOnWriteArrayList<>();
    private final List<LinkProxy> street = new CopyOnWriteArrayList<>();

    private final Ports ports;

    /** Opens nothing yet. */
    Links(Ports ports) {
        this.ports = ports;
    }

    /** Opens all of them, whether anybody listens behind them yet or not. */
    void open() {
        street.add(new LinkProxy(ports.street(), ports.edge()));
        cable.add(new LinkProxy(ports.cableBack(), ports.edge()));
        for (String region : Layout.REGIONS)
            cable.add(new LinkProxy(ports.cable(region), ports.of(region).http()));
    }

    /** Lets nothing through the cable any more, either way, or all of it. */
    void passCable(boolean passes) {
        cable.forEach(link -> link.pass(passes, passes));
    }

    /** The same of the street. */
    void passStreet(boolean passes) {
        street.forEach(link -> link.pass(passes, passes));
    }

    @Override
    public void close() {
        cable.forEach(LinkProxy::close);
        street.forEach(LinkProxy::close);
    }
}
