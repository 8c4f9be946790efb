package dev.holdfast.steer.zone;

import java.util.List;
import org.xbill.DNS.Type;

/** Where the names are in a record's data. */
public final class Rdata {
    /** How many CNAMEs one answer follows. */
    public static final int MAX_CHAIN = 8;

    private Rdata() {}

    /** Names that must lead somewhere. */
    static List<DnsName> names(int type, byte[] data) {
        return switch (type) {
            case Type.NS, Type.CNAME, Type.PTR -> List.of(name(data, 0));
            case Type.MX -> List.of(name(data, 2));
            case Type.SRV -> List.of(name(data, 6));
            case Type.HTTPS, Type.SVCB -> {
                DnsName target = name(data, 2);
                yield target.isRoot() ? List.of() : List.of(target);
            }
            default -> List.of();
        };
    }

    /** The host whose addresses an asker will want next, if this type names one. */
    public static int hostOffset(int type) {
        return switch (type) {
            case Type.NS -> 0;
            case Type.MX -> 2;
            case Type.SRV -> 6;
            default -> -1;
        };
    }

    /** The name that stands in {@code data} from {@code offset} on. */
    public static DnsName name(byte[] data, int offset) {
        int end = offset;
        while (data[end] != 0) end += data[end] + 1;
        return DnsName.ofWire(data, offset, end + 1 - offset);
    }
}
