package dev.holdfast.steer.dns;

import dev.holdfast.steer.zone.DnsName;
import dev.holdfast.steer.zone.RecordSet;
import dev.holdfast.steer.zone.Zone;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.xbill.DNS.Type;

/**
 * Signs answers when they are made, since a pool's differ from moment to moment, and denies by RFC
 * 9824: an NSEC record for exactly the name that was asked, made then, so that no chain of them can
 * be walked. Signatures are kept for others who are answered the same. Thread-safe.
 */
final class Signer {
    /** The type that, in an NSEC record, says that there is no such name. */
    static final int NXNAME = 128;

    private static final int MAX_KEPT = 16_384;

    /** Clocks of resolvers may be behind by so much. */
    private static final Duration BACKDATED = Duration.ofHours(1);

    private final ZoneKeys files;
    private final Map<DnsName, List<ZoneKey>> keys = new ConcurrentHashMap<>();

    /** The one that was not asked for longest is forgotten; guarded by itself. */
    private final Map<Signed, Kept> kept =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Signed, Kept> eldest) {
                    return size() > MAX_KEPT;
                }
            };

    /** What was signed; data by its hash would not do, since signatures must never be mixed up. */
    private record Signed(DnsName owner, int type, int ttlSeconds, List<ByteBuffer> data) {}

    private record Kept(RecordSet signature, long untilMillis) {}

    Signer(ZoneKeys files) {
        this.files = files;
    }

    /** The zone's keys, the one that signs first; makes one where there is none. */
    List<ZoneKey> keys(DnsName zone) {
        return keys.computeIfAbsent(zone, files::loadOrMake);
    }

    /**
     * What stands at the apex of a signed zone besides: its keys, and what to tell the one above.
     */
    Map<Integer, RecordSet> apexSets(Zone zone) {
        DnsName origin = zone.origin();
        int ttl = zone.soa().ttlSeconds();
        List<byte[]> dnskeys = keys(origin).stream().map(ZoneKey::dnskey).toList();
        List<byte[]> hashes = keys(origin).stream().map(key -> key.ds(origin)).toList();
        return Map.of(
                Type.DNSKEY, new RecordSet(origin, Type.DNSKEY, ttl, dnskeys),
                Type.CDNSKEY, new RecordSet(origin, Type.CDNSKEY, ttl, dnskeys),
                Type.CDS, new RecordSet(origin, Type.CDS, ttl, hashes));
    }

    /** The signature of {@code set}, which has the zone's authority. */
    RecordSet sign(Zone zone, RecordSet set, long millis) {
        Signed what =
                new Signed(
                        set.owner(),
                        set.type(),
                        set.ttlSeconds(),
                        set.data().stream().map(ByteBuffer::wrap).toList());
        synchronized (kept) {
            Kept known = kept.get(what);
            if (known != null && millis < known.untilMillis()) return known.signature();
        }
        RecordSet signature = signature(zone, set, millis);
        synchronized (kept) {
            kept.put(what, new Kept(signature, millis + lifeMillis(zone)));
        }
        return signature;
    }

    /** For how long a signature is given out: half of the time that it holds. */
    static long lifeMillis(Zone zone) {
        return zone.dnssec().validity().toMillis() / 2;
    }

    /** RFC 4034 section 3.1.8.1. */
    private RecordSet signature(Zone zone, RecordSet set, long millis) {
        ZoneKey key = keys(zone.origin()).getFirst();
        long inception = (millis - BACKDATED.toMillis()) / 1000;
        long expiration = (millis + zone.dnssec().validity().toMillis()) / 1000;
        int labels = set.owner().labels() - (set.owner().isWildcard() ? 1 : 0);
        byte[] signer = zone.origin().unsafeWire();
        byte[] head =
                ByteBuffer.allocate(18 + signer.length)
                        .putShort((short) set.type())
                        .put((byte) ZoneKey.ALGORITHM)
                        .put((byte) labels)
                        .putInt(set.ttlSeconds())
                        .putInt((int) expiration)
                        .putInt((int) inception)
                        .putShort((short) key.tag())
                        .put(signer)
                        .array();
        ByteArrayOutputStream message = new ByteArrayOutputStream(512);
        message.writeBytes(head);
        for (byte[] data : set.data()) {
            message.writeBytes(set.owner().unsafeWire());
            message.writeBytes(
                    ByteBuffer.allocate(10)
                            .putShort((short) set.type())
                            .putShort((short) 1)
                            .putInt(set.ttlSeconds())
                            .putShort((short) data.length)
                            .array());
            message.writeBytes(data);
        }
        byte[] signed = key.sign(message.toByteArray());
        byte[] whole = Arrays.copyOf(head, head.length + signed.length);
        System.arraycopy(signed, 0, whole, head.length, signed.length);
        return new RecordSet(set.owner(), Type.RRSIG, set.ttlSeconds(), List.of(whole));
    }

    /** Says that {@code name} has records of {@code types} and no others, and nothing more. */
    static RecordSet denial(Zone zone, DnsName name, Collection<Integer> types, int ttlSeconds) {
        SortedSet<Integer> all = new TreeSet<>(types);
        all.add(Type.RRSIG);
        all.add(Type.NSEC);
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        data.writeBytes(successor(zone, name));
        for (int window = 0; window < 256; window++) {
            byte[] bits = new byte[32];
            int used = 0;
            for (int type : all) {
                if (type >>> 8 != window) continue;
                int at = (type & 0xff) / 8;
                bits[at] |= (byte) (0x80 >>> (type & 7));
                used = at + 1;
            }
            if (used == 0) continue;
            data.write(window);
            data.write(used);
            data.write(bits, 0, used);
        }
        return new RecordSet(name, Type.NSEC, ttlSeconds, List.of(data.toByteArray()));
    }

    /** A name behind {@code name} with none between that there could be. */
    private static byte[] successor(Zone zone, DnsName name) {
        if (name.hasRoom(1)) return name.child(new byte[1]).unsafeWire();
        // Below a name of full length there is nothing, so the next label on the same level will
        // do.
        byte[] wire = name.unsafeWire().clone();
        for (int at = wire[0]; at > 0; at--) {
            int next = (wire[at] & 0xff) + 1;
            if (next >= 'A' && next <= 'Z') next = 'Z' + 1; // capitals sort as small letters
            if (next > 0xff) continue;
            wire[at] = (byte) next;
            byte[] label = Arrays.copyOfRange(wire, 1, at + 1);
            return name.parent().child(label).unsafeWire();
        }
        return zone.origin().unsafeWire();
    }
}
