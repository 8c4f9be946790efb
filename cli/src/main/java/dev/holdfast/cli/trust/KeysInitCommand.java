package dev.holdfast.cli.trust;

import dev.holdfast.keys.Entropy;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a deployment. */
@Command(
        name = "init",
        description = "Makes a deployment's CA and the key that signs its grants.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: holdfast keys init /secure/clinics --name clinics"})
final class KeysInitCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "FOLDER",
            defaultValue = DeploymentOption.DEFAULT,
            description = "Where to (default: ${DEFAULT-VALUE}).")
    private Path folder;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            defaultValue = "holdfast",
            description =
                    "The deployment's name, in the CA's certificate (default: ${DEFAULT-VALUE}).")
    private String name = "holdfast";

    @Override
    public void run() {
        Deployment made = Deployment.create(folder, name, Entropy.system(), InstantSource.system());
        PrintWriter out = spec.commandLine().getOut();
        out.println("Made the deployment " + name + " in " + folder);
        out.println("  ca.pem      every node and device trusts it; hand it out");
        out.println("  grants.pub  nodes trust it: " + made.grantsPublicKey().hex());
        out.println("  ca.key, grants.key  secret; keep a copy offline, put neither on a node");
        out.println();
        out.println("Next: holdfast keys node edge-1 --role edge --san HOST --keys " + folder);
        out.flush();
    }
}
