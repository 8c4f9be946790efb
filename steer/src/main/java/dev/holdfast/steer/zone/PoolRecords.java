package dev.holdfast.steer.zone;

import dev.holdfast.steer.pool.Endpoint;
import dev.holdfast.steer.pool.Pool;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.xbill.DNS.Type;

/**
 * The records that are made of a pool's endpoints: addresses, or the alias of an endpoint that is
 * only a name; SRV at the name of a service, such as {@code _https._tcp.www}; HTTPS where the pool
 * says what it speaks.
 */
public final class PoolRecords {
    private static final int HTTPS_PORT = 443;

    // Keys of RFC 9460 section 14.3.
    private static final int ALPN = 1;
    private static final int PORT = 3;
    private static final int IPV4_HINT = 4;
    private static final int IPV6_HINT = 6;

    private PoolRecords() {}

    /** What is made of a pool at a name, aliases apart. */
    public static List<Integer> types(Pool pool, DnsName name) {
        List<Integer> types = new ArrayList<>();
        if (name.isService()) types.add(Type.SRV);
        else types.addAll(List.of(Type.A, Type.AAAA));
        if (!pool.settings().alpn().isEmpty()) types.add(Type.HTTPS);
        return types;
    }

    /** Whether endpoints need names of their own, since records at {@code name} have targets. */
    static boolean nameEndpoints(Pool pool, DnsName name) {
        return name.isService() || !pool.settings().alpn().isEmpty();
    }

    /**
     * The name of an endpoint with addresses.
     *
     * @throws IllegalArgumentException when it is too long for one
     */
    static DnsName nameOf(Endpoint endpoint, DnsName base) {
        DnsName name = base;
        String[] labels = endpoint.name().endpoint().split("\\.", -1);
        for (int i = labels.length - 1; i >= 0; i--)
            name = name.child(labels[i].getBytes(StandardCharsets.US_ASCII));
        return name;
    }

    /** The endpoint's addresses of a family, as the data of records. */
    static List<byte[]> addresses(Endpoint endpoint, int type) {
        return endpoint.addresses().stream()
                .map(InetAddress::getAddress)
                .filter(address -> address.length == (type == Type.A ? 4 : 16))
                .toList();
    }

    /**
     * The records of {@code type} at {@code name}; none when the endpoints have none.
     *
     * @param endpoints those that the answer names, the first one first
     */
    public static List<RecordSet> make(
            Node.PoolHere here, DnsName name, int type, List<Endpoint> endpoints) {
        if (!name.isService()
                && endpoints.getFirst().target().isPresent()
                && here.pool().hasTargets()) {
            byte[] target = DnsName.parse(endpoints.getFirst().target().get()).unsafeWire();
            return List.of(new RecordSet(name, Type.CNAME, here.ttlSeconds(), List.of(target)));
        }
        List<byte[]> data = new ArrayList<>();
        for (int i = 0; i < endpoints.size(); i++) {
            Endpoint endpoint = endpoints.get(i);
            switch (type) {
                case Type.A, Type.AAAA -> data.addAll(addresses(endpoint, type));
                case Type.SRV -> data.add(srv(here, endpoint));
                case Type.HTTPS -> data.add(https(here, endpoint, i + 1));
                default -> {}
            }
        }
        return data.isEmpty()
                ? List.of()
                : List.of(new RecordSet(name, type, here.ttlSeconds(), data));
    }

    private static DnsName target(Node.PoolHere here, Endpoint endpoint) {
        return endpoint.target().isPresent()
                ? DnsName.parse(endpoint.target().get())
                : nameOf(endpoint, here.base());
    }

    private static byte[] srv(Node.PoolHere here, Endpoint endpoint) {
        byte[] target = target(here, endpoint).unsafeWire();
        return ByteBuffer.allocate(6 + target.length)
                .putShort((short) Math.min(endpoint.priority(), 0xffff))
                .putShort((short) endpoint.weight())
                .putShort((short) endpoint.port())
                .put(target)
                .array();
    }

    private static byte[] https(Node.PoolHere here, Endpoint endpoint, int priority) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        number(data, priority);
        data.writeBytes(target(here, endpoint).unsafeWire());
        ByteArrayOutputStream protocols = new ByteArrayOutputStream();
        for (String protocol : here.pool().settings().alpn()) {
            byte[] name = protocol.getBytes(StandardCharsets.US_ASCII);
            protocols.write(name.length);
            protocols.writeBytes(name);
        }
        parameter(data, ALPN, protocols.toByteArray());
        if (endpoint.port() != HTTPS_PORT)
            parameter(
                    data,
                    PORT,
                    new byte[] {(byte) (endpoint.port() >>> 8), (byte) endpoint.port()});
        hints(data, IPV4_HINT, addresses(endpoint, Type.A));
        hints(data, IPV6_HINT, addresses(endpoint, Type.AAAA));
        return data.toByteArray();
    }

    private static void hints(ByteArrayOutputStream data, int key, List<byte[]> addresses) {
        if (addresses.isEmpty()) return;
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        addresses.forEach(all::writeBytes);
        parameter(data, key, all.toByteArray());
    }

    private static void parameter(ByteArrayOutputStream data, int key, byte[] value) {
        number(data, key);
        number(data, value.length);
        data.writeBytes(value);
    }

    private static void number(ByteArrayOutputStream data, int value) {
        data.write(value >>> 8);
        data.write(value);
    }
}
