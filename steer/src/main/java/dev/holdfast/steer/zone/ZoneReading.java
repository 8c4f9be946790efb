package dev.holdfast.steer.zone;

import dev.holdfast.node.settings.SettingsFile.Mistakes;
import dev.holdfast.steer.pool.Endpoint;
import dev.holdfast.steer.pool.Pool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * One reading of a zone of the file. Checked here is what makes an answer useless or wrong: records
 * beside a CNAME, data below a delegation, a target in the zone that is not there.
 */
final class ZoneReading {
    private static final int MAX_SET_BYTES = 16 << 10;

    /** What may stand at a delegation: its servers, their keys' hashes, and glue. */
    private static final Set<Integer> AT_CUT = Set.of(Type.NS, Type.DS, Type.A, Type.AAAA);

    private final DnsName origin;
    private final ZoneSettings settings;
    private final List<String> path;
    private final Map<String, Pool> pools;
    private final Mistakes mistakes;
    private final Map<DnsName, Written> names = new HashMap<>();

    /** A name as it is read. */
    private static final class Written {
        final String key;
        final Map<Integer, RecordSet> sets = new HashMap<>();
        Node.@Nullable PoolHere pool;

        Written(String key) {
            this.key = key;
        }
    }

    ZoneReading(
            DnsName origin,
            ZoneSettings settings,
            List<String> path,
            Map<String, Pool> pools,
            Mistakes mistakes) {
        this.origin = origin;
        this.settings = settings;
        this.path = path;
        this.pools = pools;
        this.mistakes = mistakes;
    }

    Zone read(long serial) {
        settings.records().forEach(this::name);
        Written apex = names.get(origin);
        if (apex == null || !apex.sets.containsKey(Type.NS)) {
            wrong("@", "the apex \"@\" has no ns: the names of the zone's servers");
            apex = names.computeIfAbsent(origin, _ -> new Written("@"));
        }
        soa(apex, settings.soa().serial().orElse(serial));
        List.copyOf(names.entrySet())
                .forEach(each -> endpointNames(each.getKey(), each.getValue()));
        Map<DnsName, Node> nodes = nodes();
        Zone zone = new Zone(origin, settings, nodes);
        names.forEach((name, written) -> check(zone, name, written));
        return zone;
    }

    private void name(String key, NameSettings written) {
        DnsName name;
        try {
            name = key.equals("@") ? origin : DnsName.of(whole(key));
        } catch (IllegalArgumentException e) {
            wrong(key, String.valueOf(e.getMessage()));
            return;
        }
        if (key.endsWith(".") || !name.isWithin(origin) || hasWildcardInside(name)) {
            wrong(
                    key,
                    "a name is @, or below the zone without a dot at its end; * is its first part");
            return;
        }
        Written here = new Written(key);
        int ttl = seconds(written.ttl().orElse(settings.ttl()));
        written.records().forEach((type, texts) -> set(here, name, type, texts, ttl));
        written.pool().ifPresent(pool -> pool(here, name, pool, written));
        if (names.put(name, here) != null) wrong(key, "this name stands here a second time");
    }

    private static boolean hasWildcardInside(DnsName name) {
        for (DnsName at = name; !at.isRoot(); ) {
            at = at.parent();
            if (at.isWildcard()) return true;
        }
        return false;
    }

    private void set(Written here, DnsName owner, String typeName, List<String> texts, int ttl) {
        int type = Type.value(typeName.toUpperCase(Locale.ROOT));
        List<byte[]> data = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            List<String> at = at(here.key, typeName, Integer.toString(i));
            try {
                data.add(data(type, texts.get(i), at));
            } catch (IOException | IllegalArgumentException e) {
                String why = String.valueOf(e.getMessage()).replace("<none>:1: ", "");
                mistakes.at(at, "\"" + texts.get(i) + "\" is no " + typeName + " record: " + why);
            }
        }
        if (data.stream().mapToInt(each -> each.length).sum() > MAX_SET_BYTES)
            mistakes.at(at(here.key, typeName), "over 16 KiB of records, too many for an answer");
        if (!data.isEmpty()) here.sets.put(type, new RecordSet(owner, type, ttl, data));
    }

    private byte[] data(int type, String text, List<String> at) throws IOException {
        Name zone = dnsjava(origin);
        // Without quotes it is one text, however long, so that a key of DKIM is pasted as it is.
        String form = type == Type.TXT && !text.startsWith("\"") ? quoted(text) : text;
        Record record = Record.fromString(zone, type, DClass.IN, 0, form, zone);
        for (DnsName named : Rdata.names(type, record.rdataToWireCanonical())) {
            if (doubled(named))
                mistakes.at(
                        at, "\"" + text + "\" means " + named + "; end a whole name with a dot");
        }
        return record.rdataToWireCanonical();
    }

    /** Whether somebody wrote a whole name and forgot the dot. */
    private boolean doubled(DnsName named) {
        String suffix = origin + "." + origin;
        return !origin.isRoot()
                && (named.toString().equals(suffix) || named.toString().endsWith("." + suffix));
    }

    private static String quoted(String text) {
        StringBuilder parts = new StringBuilder();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int from = 0; from == 0 || from < bytes.length; from += 255) {
            parts.append('"');
            for (int i = from; i < Math.min(bytes.length, from + 255); i++) {
                int c = bytes[i] & 0xff;
                if (c == '"' || c == '\\') parts.append('\\').append((char) c);
                else if (c < ' ' || c > '~') parts.append(String.format(Locale.ROOT, "\\%03d", c));
                else parts.append((char) c);
            }
            parts.append("\" ");
        }
        return parts.toString().strip();
    }

    private void pool(Written here, DnsName name, String poolName, NameSettings written) {
        Pool pool = pools.get(poolName);
        if (pool == null) {
            mistakes.at(
                    at(here.key, "pool"),
                    "there is no pool \"" + poolName + "\"; there are " + pools.keySet());
            return;
        }
        boolean aliases = pool.hasTargets() && !name.isService();
        if (aliases && (name.equals(origin) || !here.sets.isEmpty()))
            mistakes.at(
                    at(here.key, "pool"),
                    "the pool "
                            + poolName
                            + " answers with CNAME for endpoints by name, which stands alone, and"
                            + " not at the apex");
        int ttl = seconds(written.ttl().orElse(pool.settings().ttl()));
        DnsName base = name;
        while ((base.isService() || base.isWildcard()) && !base.equals(origin))
            base = base.parent();
        here.pool = new Node.PoolHere(pool, ttl, base);
        for (int type : PoolRecords.types(pool, name)) {
            if (here.sets.containsKey(type))
                mistakes.at(
                        at(here.key),
                        "the " + Type.string(type) + " records of this name are the pool's");
        }
    }

    /** SRV and HTTPS records name their target, so an endpoint needs a name where they are made. */
    private void endpointNames(DnsName at, Written written) {
        Node.PoolHere here = written.pool;
        if (here == null || !PoolRecords.nameEndpoints(here.pool(), at)) return;
        for (Endpoint endpoint : here.pool().endpoints()) {
            if (endpoint.target().isPresent()) continue;
            DnsName name;
            try {
                name = PoolRecords.nameOf(endpoint, here.base());
            } catch (IllegalArgumentException e) {
                wrong(written.key, String.valueOf(e.getMessage()));
                continue;
            }
            Written own = names.computeIfAbsent(name, _ -> new Written(written.key));
            for (int type : List.of(Type.A, Type.AAAA)) {
                List<byte[]> addresses = PoolRecords.addresses(endpoint, type);
                if (!addresses.isEmpty() && own.pool == null && !own.sets.containsKey(Type.CNAME))
                    own.sets.putIfAbsent(
                            type, new RecordSet(name, type, here.ttlSeconds(), addresses));
            }
        }
    }

    private void soa(Written apex, long serial) {
        ZoneSettings.Soa soa = settings.soa();
        try {
            String mailbox = soa.mailbox();
            int sign = mailbox.indexOf('@');
            if (sign >= 0)
                mailbox =
                        mailbox.substring(0, sign).replace(".", "\\.")
                                + "."
                                + mailbox.substring(sign + 1);
            SOARecord record =
                    new SOARecord(
                            dnsjava(origin),
                            DClass.IN,
                            0,
                            authority(soa.primary()),
                            authority(mailbox),
                            serial & 0xffff_ffffL,
                            soa.refresh().toSeconds(),
                            soa.retry().toSeconds(),
                            soa.expire().toSeconds(),
                            soa.negative().toSeconds());
            apex.sets.put(
                    Type.SOA,
                    new RecordSet(
                            origin,
                            Type.SOA,
                            seconds(settings.ttl()),
                            List.of(record.rdataToWireCanonical())));
        } catch (IllegalArgumentException e) {
            mistakes.at(subpath("soa"), String.valueOf(e.getMessage()));
        }
    }

    /** In the SOA a name with a dot inside is whole, since nobody writes it otherwise. */
    private Name authority(String text) {
        boolean whole = text.endsWith(".") || text.replace("\\.", "").indexOf('.') >= 0;
        return whole ? dnsjava(DnsName.parse(text)) : whole(text);
    }

    private Map<DnsName, Node> nodes() {
        Map<DnsName, Node> nodes = new HashMap<>();
        names.forEach((name, written) ->
                nodes.put(name, new Node(name, written.sets, written.pool, cut(name))));
        for (DnsName name : List.copyOf(nodes.keySet())) {
            for (DnsName at = name; !at.equals(origin); ) {
                at = at.parent();
                DnsName between = at;
                nodes.computeIfAbsent(
                        between, _ -> new Node(between, Map.of(), null, cut(between)));
            }
        }
        return nodes;
    }

    /** The uppermost delegation at or above a name. */
    private @Nullable DnsName cut(DnsName name) {
        DnsName uppermost = null;
        for (DnsName at = name; !at.equals(origin); at = at.parent()) {
            Written written = names.get(at);
            if (written != null && written.sets.containsKey(Type.NS)) uppermost = at;
        }
        return uppermost;
    }

    private void check(Zone zone, DnsName name, Written written) {
        Set<Integer> types = written.sets.keySet();
        if (types.contains(Type.CNAME) && types.size() > 1)
            wrong(written.key, "a cname stands alone");
        if (types.contains(Type.CNAME) && name.equals(origin))
            wrong(written.key, "the apex has no cname; a pool or addresses can stand there");
        if (types.contains(Type.NS) && name.isWildcard())
            wrong(written.key, "a wildcard is not delegated");
        DnsName cut = cut(name);
        if (types.contains(Type.DS) && (cut == null || !name.equals(cut)))
            wrong(written.key, "ds stands beside the ns of a delegation");
        if (cut != null) {
            boolean glue =
                    name.equals(cut)
                            ? AT_CUT.containsAll(types)
                            : Set.of(Type.A, Type.AAAA).containsAll(types);
            if (!glue || written.pool != null)
                wrong(
                        written.key,
                        cut + " is delegated: only the addresses of its servers can stand below");
            if (!name.equals(cut)) return;
        }
        written.sets.values().forEach(set -> targets(zone, written, set));
        if (types.contains(Type.CNAME)) chain(zone, name, written);
        if (written.pool != null && !name.isService())
            written.pool.pool().endpoints().forEach(each -> throughOnePool(zone, each, written));
    }

    /** An answer is kept by what one pool has chosen. */
    private void throughOnePool(Zone zone, Endpoint endpoint, Written written) {
        if (endpoint.target().isEmpty()) return;
        DnsName at = DnsName.parse(endpoint.target().get());
        for (int hops = 0; hops <= Rdata.MAX_CHAIN && at.isWithin(origin); hops++) {
            Node node = there(zone, at).orElse(null);
            if (node != null && node.pool().isPresent())
                wrong(
                        written.key,
                        "the endpoint "
                                + endpoint.name()
                                + " leads to "
                                + at
                                + ", which has a pool itself");
            RecordSet next = node == null ? null : node.set(Type.CNAME);
            if (next == null) return;
            at = Rdata.name(next.data().getFirst(), 0);
        }
    }

    private void targets(Zone zone, Written written, RecordSet set) {
        if (set.type() == Type.SOA) return;
        for (byte[] data : set.data()) {
            for (DnsName target : Rdata.names(set.type(), data)) {
                if (!target.isWithin(origin)) continue;
                Optional<Node> there = there(zone, target);
                boolean delegated = there.flatMap(Node::cut).isPresent();
                boolean needsAddress = set.type() == Type.NS;
                boolean hasAddress =
                        there.map(node -> node.set(Type.A) != null || node.set(Type.AAAA) != null)
                                .orElse(false);
                String type = Type.string(set.type()).toLowerCase(Locale.ROOT);
                if (needsAddress && !hasAddress && (!delegated || target.isWithin(set.owner())))
                    mistakes.at(
                            at(written.key, type),
                            target + " has no a or aaaa here; a name elsewhere ends with a dot");
                else if (!needsAddress && there.isEmpty())
                    mistakes.at(
                            at(written.key, type),
                            target + " is not in this zone; a name elsewhere ends with a dot");
            }
        }
    }

    private static Optional<Node> there(Zone zone, DnsName target) {
        return switch (zone.find(target, Type.A)) {
            case Zone.Found.Exact(Node node) -> Optional.of(node);
            case Zone.Found.Wild(Node node) -> Optional.of(node);
            case Zone.Found.Delegated(Node cut) -> Optional.of(zone.at(target).orElse(cut));
            case Zone.Found.Missing _ -> Optional.empty();
        };
    }

    private void chain(Zone zone, DnsName name, Written written) {
        DnsName at = name;
        for (int hops = 0; hops <= Rdata.MAX_CHAIN; hops++) {
            if (!at.isWithin(origin)) return;
            RecordSet next = there(zone, at).map(node -> node.set(Type.CNAME)).orElse(null);
            if (next == null) return;
            at = Rdata.name(next.data().getFirst(), 0);
        }
        wrong(written.key, "this cname leads in a circle, or through more than 8 others");
    }

    private Name whole(String text) {
        try {
            return Name.fromString(text, dnsjava(origin));
        } catch (TextParseException e) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no name of a domain: " + e.getMessage(), e);
        }
    }

    private static Name dnsjava(DnsName name) {
        try {
            return new Name(name.unsafeWire());
        } catch (IOException e) {
            throw new IllegalStateException("a name that is none", e);
        }
    }

    private static int seconds(Duration ttl) {
        return Math.toIntExact(ttl.toSeconds());
    }

    private void wrong(String key, String sentence) {
        mistakes.at(at(key), sentence);
    }

    private List<String> at(String... steps) {
        List<String> at = subpath("records");
        at.addAll(List.of(steps));
        return at;
    }

    private List<String> subpath(String step) {
        List<String> at = new ArrayList<>(path);
        at.add(step);
        return at;
    }
}
