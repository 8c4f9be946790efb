package dev.holdfast.steer.dns;

import dev.holdfast.steer.zone.DnsName;
import dev.holdfast.steer.zone.RecordSet;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Type;

/**
 * Writes a message, with names that stood before replaced by pointers (RFC 1035 section 4.1.4). It
 * throws nothing away: what is too long for TCP is told by {@link #fits}.
 */
final class MessageWriter {
    private static final int MAX_BYTES = 65_535;
    private static final int MAX_POINTER = 0x3fff;

    private final Map<DnsName, Integer> places = new HashMap<>();
    private byte[] bytes = new byte[512];
    private int length = Request.HEADER_BYTES;

    MessageWriter question(DnsName name, int type) {
        name(name);
        number(type);
        number(DClass.IN);
        bytes[5] = 1;
        return this;
    }

    /** Every record of {@code set}; answers how many. */
    int records(RecordSet set) {
        for (byte[] data : set.data()) {
            name(set.owner());
            number(set.type());
            number(DClass.IN);
            number(set.ttlSeconds() >>> 16);
            number(set.ttlSeconds());
            int at = length;
            number(0);
            data(set.type(), data);
            put(at, length - at - 2);
        }
        return set.data().size();
    }

    /** Names are compressed only in the types of RFC 1035; RFC 3597 section 4 forbids the rest. */
    private void data(int type, byte[] data) {
        switch (type) {
            case Type.NS, Type.CNAME, Type.PTR -> name(nameIn(data, 0));
            case Type.MX -> {
                raw(data, 0, 2);
                name(nameIn(data, 2));
            }
            case Type.SOA -> {
                DnsName primary = nameIn(data, 0);
                DnsName mailbox = nameIn(data, primary.unsafeWire().length);
                name(primary);
                name(mailbox);
                raw(data, data.length - 20, 20);
            }
            default -> raw(data, 0, data.length);
        }
    }

    private static DnsName nameIn(byte[] data, int from) {
        int end = from;
        while (data[end] != 0) end += data[end] + 1;
        return DnsName.ofWire(data, from, end + 1 - from);
    }

    private void name(DnsName name) {
        for (DnsName rest = name; !rest.isRoot(); rest = rest.parent()) {
            Integer place = places.get(rest);
            if (place != null) {
                number(0xc000 | place);
                return;
            }
            if (length <= MAX_POINTER) places.put(rest, length);
            raw(rest.unsafeWire(), 0, rest.unsafeWire()[0] + 1);
        }
        room(1);
        bytes[length++] = 0;
    }

    private void raw(byte[] from, int at, int count) {
        room(count);
        System.arraycopy(from, at, bytes, length, count);
        length += count;
    }

    private void number(int value) {
        room(2);
        put(length, value);
        length += 2;
    }

    void put(int at, int value) {
        bytes[at] = (byte) (value >>> 8);
        bytes[at + 1] = (byte) value;
    }

    private void room(int count) {
        if (length + count > bytes.length)
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
    }

    int length() {
        return length;
    }

    boolean fits() {
        return length <= MAX_BYTES;
    }

    byte[] toArray() {
        return Arrays.copyOf(bytes, length);
    }
}
