package dev.holdfast.cli.backbone;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.trust.Deployment;
import dev.holdfast.cli.trust.DeploymentOption;
import dev.holdfast.keys.DurableFile;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.backbone.SignedTopology;
import dev.holdfast.node.backbone.Topology;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Signs a topology. */
@Command(
        name = "sign",
        description =
                "Signs a topology, and fills in the keys of members that this deployment made.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: holdfast backbone sign topology.yaml --out topology.signed.yaml",
            "",
            "Members take a newer serial than the one in force, each from its file or from a neighbour;"
                    + " an older one, never."
        })
final class BackboneSignCommand implements Runnable {
    @Spec private CommandSpec spec;
    @Mixin private DeploymentOption deployment;

    @Parameters(paramLabel = "FILE", description = "The topology, in YAML.")
    private Path draft;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "Where the signed one goes, in place of one with a smaller serial.")
    private Path file = Path.of("topology.signed.yaml");

    @Override
    public void run() {
        Deployment by = deployment.open();
        Topology topology = BackboneFiles.withKeys(SignedTopology.draft(draft), by);
        requireNewer(topology, by);
        SignedTopology signed = SignedTopology.sign(topology, by.authority().grantKey()::sign);
        DurableFile.write(
                file,
                signed.text().getBytes(StandardCharsets.UTF_8),
                DurableFile.Readers.EVERYBODY);
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                "Signed the topology with serial "
                        + topology.serial()
                        + ": "
                        + topology.members().size()
                        + " members, "
                        + topology.links().size()
                        + " links, in "
                        + file);
        out.println();
        out.println(
                "Next: take it to the members, and name it in their settings: backbone: {topology: "
                        + file.getFileName()
                        + "}");
        out.flush();
    }

    private void requireNewer(Topology topology, Deployment by) {
        if (!Files.exists(file)) return;
        long before =
                SignedTopology.load(file, Set.of(by.grantsPublicKey()), new Verifier())
                        .topology()
                        .serial();
        if (topology.serial() > before) return;
        throw new Failure(
                "the serial " + topology.serial() + " is not new",
                file + " has " + before + ", and members take none but a greater one",
                "set serial: " + (before + 1) + " in " + draft);
    }
}
