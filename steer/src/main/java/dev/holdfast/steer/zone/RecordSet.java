package dev.holdfast.steer.zone;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.xbill.DNS.Type;

/**
 * All records of one type at one name.
 *
 * @param data each record's, as it travels uncompressed, names in it in lower case; in the order of
 *     RFC 4034 section 6.3, none twice
 */
public record RecordSet(DnsName owner, int type, int ttlSeconds, List<byte[]> data) {
    public RecordSet {
        List<byte[]> sorted = data.stream().sorted(Arrays::compareUnsigned).toList();
        List<byte[]> once = new ArrayList<>();
        for (byte[] each : sorted) {
            if (once.isEmpty() || !Arrays.equals(once.getLast(), each)) once.add(each);
        }
        data = List.copyOf(once);
    }

    public RecordSet withOwner(DnsName other) {
        return new RecordSet(other, type, ttlSeconds, data);
    }

    public RecordSet withTtl(int seconds) {
        return new RecordSet(owner, type, seconds, data);
    }

    @Override
    public String toString() {
        return owner + " " + ttlSeconds + " " + Type.string(type) + " ×" + data.size();
    }
}
