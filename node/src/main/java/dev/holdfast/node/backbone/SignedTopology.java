package dev.holdfast.node.backbone;

import dev.holdfast.core.Bytes;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.settings.Default;
import dev.holdfast.node.settings.SettingsException;
import dev.holdfast.node.settings.SettingsFile;
import dev.holdfast.node.settings.SignedYaml;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** A topology as it lies in a file and travels. */
public record SignedTopology(Topology topology, String text) {
    /** The longest, signature included. */
    public static final int MAX_BYTES = 256 << 10;

    private static final SignedYaml<Written> FORM =
            new SignedYaml<>(
                    Written.class,
                    "holdfast topology 1",
                    "a topology",
                    "holdfast backbone sign",
                    MAX_BYTES);

    /** What stands in a file. */
    record Written(
            long serial,
            @Default("1s") Duration probe,
            Map<String, Topology.Member> members,
            @Default("") List<Topology.Link> links,
            Optional<String> signature) {
        Written {
            Topology checked = new Topology(serial, probe, members, links);
            if (signature.isPresent()) requireKeys(checked);
        }

        private static void requireKeys(Topology topology) {
            topology.members()
                    .forEach((name, member) -> {
                        if (member.key().isEmpty())
                            throw new IllegalArgumentException(
                                    "the member " + name + " has no key");
                    });
        }

        Topology topology() {
            return new Topology(serial, probe, members, links);
        }
    }

    /**
     * Reads one that is not signed yet.
     *
     * @throws SettingsException naming all that is wrong
     */
    public static Topology draft(Path file) {
        return SettingsFile.load(file, Written.class).topology();
    }

    /**
     * Signs.
     *
     * @param topology in which every member has its key
     * @param signer makes the 64-byte signature of a text
     */
    public static SignedTopology sign(Topology topology, UnaryOperator<Bytes> signer) {
        Written.requireKeys(topology);
        return new SignedTopology(topology, FORM.sign(write(topology), signer));
    }

    /**
     * Reads a signed one.
     *
     * @throws SettingsException when it cannot be read, is not in form, or none of {@code
     *     authorities} has signed it
     */
    public static SignedTopology load(Path file, Set<Bytes> authorities, Verifier verifier) {
        return parse(FORM.read(file), file.toString(), authorities, verifier);
    }

    /** As {@link #load}, from text; {@code origin} names it in problems. */
    public static SignedTopology parse(
            String text, String origin, Set<Bytes> authorities, Verifier verifier) {
        return new SignedTopology(FORM.parse(text, origin, authorities, verifier).topology(), text);
    }

    private static String write(Topology topology) {
        StringBuilder out = new StringBuilder();
        out.append(
                        "# A signed topology: any change makes it worthless. Change what it was made of,")
                .append(" and sign that again.\n")
                .append("serial: ")
                .append(topology.serial())
                .append("\nprobe: ")
                .append(topology.probe().toMillis())
                .append("ms\nmembers:\n");
        new TreeMap<>(topology.members())
                .forEach((name, member) -> {
                    out.append("  ").append(name).append(":\n");
                    line(out, "address", member.address().map(SignedTopology::quoted));
                    if (!member.also().isEmpty())
                        line(
                                out,
                                "also",
                                Optional.of(
                                        member.also().stream()
                                                .map(SignedTopology::quoted)
                                                .toList()
                                                .toString()));
                    line(out, "key", member.key().map(SignedTopology::quoted));
                    line(out, "relay", Optional.of(Boolean.toString(member.relay())));
                    member.wireguard()
                            .ifPresent(wireguard -> {
                                out.append("    wireguard:\n  ");
                                line(out, "address", Optional.of(quoted(wireguard.address())));
                                if (wireguard.endpoint().isPresent()) out.append("  ");
                                line(
                                        out,
                                        "endpoint",
                                        wireguard.endpoint().map(SignedTopology::quoted));
                                if (wireguard.key().isPresent()) out.append("  ");
                                line(out, "key", wireguard.key().map(SignedTopology::quoted));
                            });
                });
        out.append(topology.links().isEmpty() ? "links: []\n" : "links:\n");
        for (Topology.Link link : topology.links()) {
            out.append("  - between: ").append(link.between()).append('\n');
            line(out, "lane", Optional.of(link.lane().name().toLowerCase(Locale.ROOT)));
            line(
                    out,
                    "bytes-per-hour",
                    link.bytesPerHour().map(size -> Long.toString(size.bytes())));
            line(out, "probe", link.probe().map(probe -> probe.toMillis() + "ms"));
            if (link.addresses().isEmpty()) continue;
            out.append("    addresses:\n");
            new TreeMap<>(link.addresses())
                    .forEach((member, address) -> {
                        out.append("  ");
                        line(out, member, Optional.of(quoted(address)));
                    });
        }
        return out.toString();
    }

    private static void line(StringBuilder out, String name, Optional<String> value) {
        value.ifPresent(
                text -> out.append("    ").append(name).append(": ").append(text).append('\n'));
    }

    /** Only what was checked to be host:port, hexadecimal, base64 or an address. */
    private static String quoted(String text) {
        return '"' + text + '"';
    }
}
