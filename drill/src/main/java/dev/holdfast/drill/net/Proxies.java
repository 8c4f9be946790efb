package dev.holdfast.drill.net;

import dev.holdfast.cli.net.LinkProxy;
import dev.holdfast.drill.process.DrillException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All machines as one, on loopback, with a proxy on every link: where namespaces are not allowed. A
 * program that ignored its endpoints could get past it. Thread-safe.
 */
public final class Proxies implements Network {
    private static final int ANSWER_MILLIS = 1_000;

    private record Link(Host from, Host to, int port) {
        boolean crossesBorder() {
            return isInside(from) != isInside(to);
        }

        private static boolean isInside(Host host) {
            return host == Host.DEVICE_A || host == Host.EDGE;
        }
    }

    private final Map<Link, LinkProxy> links = new ConcurrentHashMap<>();
    private volatile int loss;

    @Override
    public String means() {
        return "proxies on loopback between the processes";
    }

    @Override
    public List<String> on(Host host) {
        return List.of();
    }

    @Override
    public String address(Host host) {
        return "127.0.0.1";
    }

    @Override
    public URI endpoint(Host from, Host to, int port) {
        return URI.create("https://127.0.0.1:" + proxy(from, to, port).port());
    }

    /** Any answer counts, were it a refusal of what is no TLS. */
    @Override
    public boolean reaches(Host from, Host to, int port) {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), proxy(from, to, port).port())) {
            socket.setSoTimeout(ANSWER_MILLIS);
            socket.getOutputStream()
                    .write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().read();
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            throw new DrillException("asking a proxy on loopback", e);
        }
    }

    @Override
    public void cutGateway(Cut cut) {
        links.forEach((link, proxy) -> {
            if (link.crossesBorder()) proxy.pass(cut == Cut.INWARD, cut == Cut.OUTWARD);
        });
    }

    @Override
    public void cutAccess(Cut cut) {
        links.forEach((link, proxy) -> {
            if (link.from() == Host.DEVICE_A && link.to() == Host.EDGE)
                proxy.pass(cut == Cut.INWARD, cut == Cut.OUTWARD);
        });
    }

    @Override
    public void lose(int percent) {
        loss = percent;
        links.values().forEach(proxy -> proxy.lose(percent));
    }

    @Override
    public long attempts() {
        return links.values().stream().mapToLong(LinkProxy::attempts).sum();
    }

    @Override
    public void blackout() {
        links.values().forEach(proxy -> proxy.pass(false, false));
    }

    @Override
    public void isolate(Host host) {
        links.forEach((link, proxy) -> {
            if (link.to() == host || link.from() == host) proxy.pass(false, false);
        });
    }

    @Override
    public void cutRegions() {
        links.forEach((link, proxy) -> {
            if (link.from().isCloud() && link.to().isCloud()) proxy.pass(false, false);
        });
    }

    @Override
    public void cut(Host from, Host to) {
        links.forEach((link, proxy) -> {
            if (link.from() == from && link.to() == to) proxy.block(true);
            if (link.from() == to && link.to() == from) proxy.block(false);
        });
    }

    @Override
    public void heal() {
        links.values().forEach(proxy -> proxy.pass(true, true));
    }

    @Override
    public void close() {
        links.values().forEach(LinkProxy::close);
    }

    private LinkProxy proxy(Host from, Host to, int port) {
        return links.computeIfAbsent(
                new Link(from, to, port),
                link -> {
                    LinkProxy proxy = new LinkProxy(0, link.port());
                    proxy.lose(loss);
                    return proxy;
                });
    }
}
