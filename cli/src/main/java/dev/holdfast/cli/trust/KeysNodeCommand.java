package dev.holdfast.cli.trust;

import dev.holdfast.core.operation.Grant;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Gives a node its identity. */
@Command(
        name = "node",
        description = "Gives an edge or a region its certificate, its key and its grant.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: holdfast keys node edge-1 --role edge --san edge-1.clinic.example --san"
                    + " 10.0.0.5"
        })
final class KeysNodeCommand implements Runnable {
    /** Nodes only; devices are enrolled by {@code grant issue}. */
    enum NodeRole {
        EDGE(Grant.Role.EDGE),
        REGION(Grant.Role.REGION);

        private final Grant.Role role;

        NodeRole(Grant.Role role) {
            this.role = role;
        }
    }

    @Spec private CommandSpec spec;
    @Mixin private DeploymentOption deployment;

    @Parameters(paramLabel = "NAME", description = "The node's name, such as edge-1.")
    private String name;

    @Option(
            names = "--role",
            required = true,
            paramLabel = "ROLE",
            description = "${COMPLETION-CANDIDATES}.")
    private NodeRole role = NodeRole.EDGE;

    @Option(
            names = "--san",
            required = true,
            split = ",",
            paramLabel = "HOST",
            description = "A DNS name or IP address at which it is reached; repeatable.")
    private List<String> hosts = List.of();

    @Option(
            names = "--days",
            defaultValue = "365",
            description = "How long certificate and grant count (default: ${DEFAULT-VALUE}).")
    private int days = 365;

    @Option(
            names = "--grace-days",
            defaultValue = "365",
            description =
                    "How much longer the grant counts where nobody can renew it (default:"
                            + " ${DEFAULT-VALUE}).")
    private int graceDays = 365;

    @Override
    public void run() {
        Deployment.Node node =
                deployment
                        .open()
                        .issue(
                                name,
                                role.role,
                                hosts,
                                Days.of("--days", days, 1),
                                Days.of("--grace-days", graceDays, 0));
        PrintWriter out = spec.commandLine().getOut();
        out.println("Made the keys of " + name + " in " + node.folder());
        out.println("  replica  " + GrantText.read(node.grant()).replica());
        out.println("  reached  " + String.join(", ", hosts));
        out.println("  take the whole folder to the node; node.key and replica.key are secret");
        out.println();
        out.println(
                "Next: holdfast "
                        + Deployment.word(role.role)
                        + " init "
                        + name
                        + ".yaml --keys "
                        + node.folder());
        out.flush();
    }
}
