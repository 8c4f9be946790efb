package dev.holdfast.cli.backbone;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.trust.Deployment;
import dev.holdfast.cli.trust.DeploymentOption;
import dev.holdfast.keys.DurableFile;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.backbone.SignedTopology;
import dev.holdfast.node.backbone.Topology;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a configuration for wg-quick. */
@Command(
        name = "wireguard",
        description = {
            "Writes a WireGuard configuration for one member, for those who want layer 3 instead.",
            "Members have a wireguard: {address, endpoint} in the topology. Keys are made here, once,"
                    + " and kept in the members' folders."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: holdfast backbone wireguard topology.signed.yaml --member edge-1",
            "",
            "WireGuard's ways are fixed: nothing goes by another member when a link fails."
        })
final class BackboneWireguardCommand implements Runnable {
    /** The name of the interface is that of the file. */
    private static final String FILE = "holdfast.conf";

    private static final String KEY = "wireguard.key";

    @Spec private CommandSpec spec;
    @Mixin private DeploymentOption deployment;

    @Parameters(paramLabel = "FILE", description = "The signed topology.")
    private Path file;

    @Option(names = "--member", required = true, paramLabel = "NAME", description = "Whose.")
    private String member = "";

    @Override
    public void run() {
        Deployment of = deployment.open();
        Topology topology =
                SignedTopology.load(file, Set.of(of.grantsPublicKey()), new Verifier()).topology();
        if (topology.members().get(member) == null)
            throw new Failure(
                    "the topology has no member " + member,
                    "it has " + String.join(", ", new TreeMap<>(topology.members()).keySet()),
                    "name one of them with --member");
        WireguardKey own = key(of, member);
        Map<String, String> publicKeys = new TreeMap<>();
        for (Map.Entry<String, Topology.Member> each : topology.members().entrySet()) {
            Topology.WireGuard place = each.getValue().wireguard().orElse(null);
            if (place == null) continue;
            boolean given = place.key().isPresent();
            publicKeys.put(
                    each.getKey(), given ? place.key().get() : key(of, each.getKey()).publicText());
        }
        String text = WireguardText.of(topology, member, own, publicKeys);
        Path target = of.node(member).folder().resolve(FILE);
        DurableFile.write(target, text.getBytes(StandardCharsets.UTF_8), DurableFile.Readers.OWNER);
        PrintWriter out = spec.commandLine().getOut();
        out.println("Wrote " + target + " for " + member + "; it holds a secret key.");
        out.println();
        out.println("Next: take it to " + member + ", and: wg-quick up ./" + FILE);
        out.flush();
    }

    private static WireguardKey key(Deployment of, String name) {
        Path kept = of.node(name).folder().resolve(KEY);
        try {
            if (Files.exists(kept)) return WireguardKey.parse(Files.readString(kept).strip());
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + kept, e);
        }
        WireguardKey made = WireguardKey.create(Entropy.system());
        DurableFile.write(
                kept,
                (made.secretText() + "\n").getBytes(StandardCharsets.US_ASCII),
                DurableFile.Readers.OWNER);
        return made;
    }
}
