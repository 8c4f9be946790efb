package dev.holdfast.steer.zone;

import dev.holdfast.node.settings.Default;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What stands at one name. Each record is written as behind its type in a zone file of RFC 1035; a
 * name in it that does not end with a dot is below the zone.
 *
 * @param ttl how long they may be kept, unless as long as the zone says
 * @param pool which pool's endpoints answer here for addresses, SRV and HTTPS
 * @param ns at the apex the zone's servers; at any other name those that the name is delegated to
 */
public record NameSettings(
        Optional<Duration> ttl,
        Optional<String> pool,
        Optional<String> cname,
        @Default("") List<String> a,
        @Default("") List<String> aaaa,
        @Default("") List<String> ns,
        @Default("") List<String> ds,
        @Default("") List<String> mx,
        @Default("") List<String> txt,
        @Default("") List<String> srv,
        @Default("") List<String> https,
        @Default("") List<String> svcb,
        @Default("") List<String> caa,
        @Default("") List<String> ptr,
        @Default("") List<String> tlsa,
        @Default("") List<String> sshfp,
        @Default("") List<String> naptr) {

    public NameSettings {
        ttl.ifPresent(time -> ZoneSettings.requireTtl("ttl", time));
        if (cname.isPresent() && pool.isPresent())
            throw new IllegalArgumentException("a name has a pool or a cname, not both");
        if (pool.isPresent() && (!a.isEmpty() || !aaaa.isEmpty()))
            throw new IllegalArgumentException(
                    "the addresses of a name with a pool are the pool's; it has no a or aaaa");
    }

    /** The records that stand here as they are, by the lower-case name of their type. */
    Map<String, List<String>> records() {
        Map<String, List<String>> records = new LinkedHashMap<>();
        cname.ifPresent(target -> records.put("cname", List.of(target)));
        records.put("a", a);
        records.put("aaaa", aaaa);
        records.put("ns", ns);
        records.put("ds", ds);
        records.put("mx", mx);
        records.put("txt", txt);
        records.put("srv", srv);
        records.put("https", https);
        records.put("svcb", svcb);
        records.put("caa", caa);
        records.put("ptr", ptr);
        records.put("tlsa", tlsa);
        records.put("sshfp", sshfp);
        records.put("naptr", naptr);
        records.values().removeIf(List::isEmpty);
        return records;
    }
}
