package dev.holdfast.drill.dns;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A static zone from a seed, in steer's form and in that of RFC 1035: addresses, texts, mail,
 * services, aliases in chains, wildcards, delegations with glue, and names with nothing but other
 * names below.
 */
public final class SampleZone {
    public static final String ORIGIN = "sample.example";

    private static final String[] WORDS = {
        "a", "b", "c", "www", "api", "mail", "shop", "x1", "deep", "under"
    };
    private static final int TTL = 3600;

    /** Records by type, by name below the zone. */
    private final Map<String, Map<String, List<String>>> names = new TreeMap<>();

    private final Set<String> cuts = new HashSet<>();
    private final SplittableRandom random;

    /** A zone of about {@code size} names. */
    public SampleZone(long seed, int size) {
        this.random = new SplittableRandom(seed);
        add("@", "ns", "ns1", "ns2");
        add("@", "mx", "10 mx");
        add("@", "txt", "\"v=spf1 -all\"");
        add("@", "caa", "0 issue \"ca.example\"");
        add("ns1", "a", "192.0.2.1");
        add("ns2", "a", "192.0.2.2");
        add("ns2", "aaaa", "2001:db8::2");
        add("mx", "a", "192.0.2.3");
        while (names.size() < size) someName();
    }

    private void someName() {
        String name = name(size());
        boolean taken = names.containsKey(name) || isBelowCut(name);
        if (taken) return;
        switch (random.nextInt(14)) {
            case 0 -> add("*." + name, "txt", "\"any below " + name + "\"");
            case 1 -> add("*." + name, "a", address());
            case 2 -> delegate(name);
            case 3, 4 -> add(name, "cname", existing());
            case 5 -> add(name, "mx", "10 mx", "20 " + existing());
            case 6 -> {
                add("_sip._udp." + name, "srv", "1 2 5060 " + existing());
                add(name, "a", address());
            }
            case 7 -> add(name, "aaaa", "2001:db8::" + Integer.toHexString(random.nextInt(65_536)));
            case 8 -> add(name, "txt", "\"" + "t".repeat(random.nextInt(200)) + "\"", "\"two\"");
            case 9 -> large(name);
            default -> {
                add(name, "a", address(), address());
                if (random.nextBoolean()) add(name, "aaaa", "2001:db8::1");
            }
        }
    }

    /** Too much for UDP. */
    private void large(String name) {
        String[] texts = new String[12];
        for (int i = 0; i < texts.length; i++) texts[i] = "\"" + i + "x".repeat(150) + "\"";
        add(name, "txt", texts);
    }

    private void delegate(String name) {
        boolean hasBelow = names.keySet().stream().anyMatch(other -> other.endsWith("." + name));
        if (hasBelow) return;
        cuts.add(name);
        add(name, "ns", "ns." + name, "ns.elsewhere.example.");
        add("ns." + name, "a", address());
        if (random.nextBoolean()) add(name, "ds", "4711 13 2 " + "AB".repeat(32));
    }

    private boolean isBelowCut(String name) {
        return cuts.stream().anyMatch(cut -> name.equals(cut) || name.endsWith("." + cut));
    }

    /**
     * Where others may lead: a name with records that is no alias, so that no circle comes about.
     */
    private String existing() {
        List<String> known =
                names.entrySet().stream()
                        .filter(entry -> !entry.getKey().startsWith("*"))
                        .filter(entry -> !entry.getKey().equals("@"))
                        .filter(entry -> !isBelowCut(entry.getKey()))
                        .filter(entry -> depth(entry.getKey()) < 4)
                        .map(Map.Entry::getKey)
                        .toList();
        return known.get(random.nextInt(known.size()));
    }

    /** How many aliases lead on from here. */
    private int depth(String name) {
        Map<String, List<String>> sets = names.get(name);
        List<String> alias = sets == null ? null : sets.get("cname");
        return alias == null ? 0 : 1 + depth(alias.getFirst());
    }

    private String name(int depth) {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < depth; i++) {
            if (i > 0) name.append('.');
            name.append(WORDS[random.nextInt(WORDS.length)]);
            if (random.nextInt(2) == 0) name.append(random.nextInt(60));
        }
        return name.toString();
    }

    private int size() {
        return 1 + random.nextInt(1 + random.nextInt(4));
    }

    private String address() {
        return "198.51." + random.nextInt(256) + "." + random.nextInt(256);
    }

    private void add(String name, String type, String... texts) {
        names.computeIfAbsent(name, _ -> new TreeMap<>()).put(type, List.of(texts));
    }

    /** Every name that has records, whole. */
    public List<String> names() {
        return names.keySet().stream()
                .map(name -> name.equals("@") ? ORIGIN : name + "." + ORIGIN)
                .toList();
    }

    /** As a zones file of steer. */
    public String yaml() {
        StringBuilder yaml = new StringBuilder("zones:\n  " + ORIGIN + ":\n    ttl: 1h\n");
        yaml.append("    soa: {primary: ns1, mailbox: hostmaster, serial: 1, refresh: 1h,");
        yaml.append(" retry: 10m, expire: 14d, negative: 1m}\n    records:\n");
        names.forEach((name, sets) -> {
            List<String> each = new ArrayList<>();
            sets.forEach((type, texts) -> {
                List<String> quoted = texts.stream().map(text -> "'" + text + "'").toList();
                String value =
                        type.equals("cname")
                                ? quoted.getFirst()
                                : "[" + String.join(", ", quoted) + "]";
                each.add(type + ": " + value);
            });
            yaml.append("      \"").append(name).append("\": {");
            yaml.append(String.join(", ", each)).append("}\n");
        });
        return yaml.toString();
    }

    /** As a master file. */
    public String master() {
        StringBuilder master = new StringBuilder("$ORIGIN " + ORIGIN + ".\n$TTL " + TTL + "\n");
        master.append("@ SOA ns1 hostmaster 1 3600 600 1209600 60\n");
        names.forEach((name, sets) ->
                sets.forEach((type, texts) ->
                        texts.forEach(text ->
                                master.append(name)
                                        .append(' ')
                                        .append(type.toUpperCase(Locale.ROOT))
                                        .append(' ')
                                        .append(text)
                                        .append('\n'))));
        return master.toString();
    }
}
