package dev.holdfast.drill.net;

import java.net.URI;
import java.util.List;

/**
 * A country with two machines, a device's and the edge, and machines abroad, another device's and
 * those of the regions, with one border between them. Connections that stand are cut as well as new
 * ones. Closing it takes everything down, and kills what still runs inside.
 */
public sealed interface Network extends AutoCloseable permits Namespaces, Proxies, WatchedNetwork {
    /** Which way the border lets nothing through; the sender of a packet is not told. */
    enum Cut {
        BOTH,
        /** Requests of the edge die, what the region says arrives. */
        OUTWARD,
        /** Requests of the edge arrive, the answers die. */
        INWARD
    }

    /** The best that this machine can do: namespaces where that is allowed, else proxies. */
    static Network make() {
        return Namespaces.areAllowed() ? Namespaces.make() : new Proxies();
    }

    /** How it is made, for the report. */
    String means();

    /** What stands before the command of a process that is to run on {@code host}. */
    List<String> on(Host host);

    /** The address at which a server on {@code host} listens. */
    String address(Host host);

    /** Where {@code from} reaches the server on {@code to}. */
    URI endpoint(Host from, Host to, int port);

    /**
     * Whether {@code from} gets any answer from the server on {@code to} now; within a second or
     * two.
     */
    boolean reaches(Host from, Host to, int port);

    /** Nothing crosses the border, in the given direction. */
    void cutGateway(Cut cut);

    /**
     * The same between the devices inside and the edge: outward is what devices say, inward what
     * the edge answers.
     */
    void cutAccess(Cut cut);

    /**
     * From now on every link loses so much of what is sent, until it is set to zero; healing does
     * not end it. Proxies, which cannot lose a part of a stream, let it come as late as if TCP had
     * to send it again.
     */
    void lose(int percent);

    /**
     * How often anybody has tried to connect to edge or region so far, in vain or not. What the
     * operating system tries again by itself counts where it can be seen.
     */
    long attempts();

    /** Nobody reaches anybody. */
    void blackout();

    /** Cuts a machine off from everybody. */
    void isolate(Host host);

    /** No region reaches another; everybody else reaches them. */
    void cutRegions();

    /** Nothing that {@code from} sends arrives at {@code to}; what comes back does. */
    void cut(Host from, Host to);

    /** Everything is back at once. */
    void heal();

    @Override
    void close();
}
