package dev.holdfast.cli.trust;

import dev.holdfast.cli.output.Times;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Renews a node's identity. */
@Command(
        name = "renew",
        description = {
            "Gives a node a new certificate with a new key, and a new grant for the same replica.",
            "The old certificate and key stay in the folder \"previous\", and count until they"
                    + " expire."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example: holdfast keys renew edge-1 --days 365"})
final class KeysRenewCommand implements Runnable {
    @Spec private CommandSpec spec;
    @Mixin private DeploymentOption deployment;

    @Parameters(paramLabel = "NAME", description = "The node's name.")
    private String name;

    @Option(
            names = "--days",
            defaultValue = "365",
            description = "How long certificate and grant count (default: ${DEFAULT-VALUE}).")
    private int days = 365;

    @Override
    public void run() {
        Deployment.Node node = deployment.open().renew(name, Days.of("--days", days, 1));
        PrintWriter out = spec.commandLine().getOut();
        out.println("Renewed " + name + " until " + Times.date(node.identity().expires()));
        out.println();
        out.println(
                "Next: take node.pem, node.key and grant from "
                        + node.folder()
                        + " to the node and start it again");
        out.flush();
    }
}
