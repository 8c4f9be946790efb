package dev.holdfast.node.backbone;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.operation.SignatureCheck;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.settings.ByteSize;
import dev.holdfast.node.settings.Default;
import dev.holdfast.node.settings.SettingsException;
import dev.holdfast.node.settings.SettingsFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * A topology as it lies in a file and travels: YAML whose last line is the signature of all that
 * stands before it, by the key that signs the deployment's grants.
 */
public record SignedTopology(Topology topology, String text) {
    /** The longest, signature included. */
    public static final int MAX_BYTES = 256 << 10;

    private static final Bytes DOMAIN = SignatureCheck.domain("holdfast topology 1");
    private static final String SIGNATURE = "signature: ";

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
        String body = write(topology);
        String text = body + SIGNATURE + signer.apply(signedText(body)).hex() + "\n";
        if (text.length() > MAX_BYTES)
            throw new IllegalArgumentException("over " + new ByteSize(MAX_BYTES));
        return new SignedTopology(topology, text);
    }

    /**
     * Reads a signed one.
     *
     * @throws SettingsException when it cannot be read, is not in form, or none of {@code
     *     authorities} has signed it
     */
    public static SignedTopology load(Path file, Set<Bytes> authorities, Verifier verifier) {
        try {
            if (!Files.exists(file)) throw refused(file.toString(), "there is no such file");
            if (Files.size(file) > MAX_BYTES)
                throw refused(file.toString(), "over 256 KiB, too long for a topology");
            String text = Files.readString(file, StandardCharsets.UTF_8);
            return parse(text, file.toString(), authorities, verifier);
        } catch (IOException e) {
            throw refused(file.toString(), "cannot be read: " + e);
        }
    }

    /** As {@link #load}, from text; {@code origin} names it in problems. */
    public static SignedTopology parse(
            String text, String origin, Set<Bytes> authorities, Verifier verifier) {
        int at = text.lastIndexOf("\n" + SIGNATURE) + 1;
        if (at == 0)
            throw refused(
                    origin, "it is not signed: \"holdfast backbone sign\" makes a signed one");
        String body = text.substring(0, at);
        Bytes signature = signature(text.substring(at + SIGNATURE.length()).strip(), origin);
        Bytes signed = signedText(body);
        // Looked at first: nothing of what others wrote is read before it is known whose it is.
        if (authorities.stream().noneMatch(key -> verifier.verify(key, signed, signature)))
            throw refused(
                    origin,
                    "its signature is by none of the authorities, or it was changed after it was"
                            + " signed: sign it again with the deployment's keys");
        return new SignedTopology(SettingsFile.parse(text, origin, Written.class).topology(), text);
    }

    private static Bytes signature(String hex, String origin) {
        try {
            return Bytes.fromHex(hex);
        } catch (MalformedException e) {
            throw refused(origin, "its signature is not hexadecimal");
        }
    }

    private static SettingsException refused(String origin, String why) {
        return new SettingsException(List.of(origin + ": " + why));
    }

    private static Bytes signedText(String body) {
        return DOMAIN.concat(Sha256.of(Bytes.wrap(body.getBytes(StandardCharsets.UTF_8))));
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
