package dev.holdfast.cli.trust;

import dev.holdfast.core.operation.Grant;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Gives a node its identity. */
@Command(
        name = "node",
        description =
                "Gives an edge or a region its certificate, its key and its grant; a steer, which"
                        + " authors and reads nothing, the first two.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: holdfast keys node edge-1 --role edge --san edge-1.clinic.example --san"
                    + " 10.0.0.5"
        })
final class KeysNodeCommand implements Runnable {
    /** Nodes only; devices are enrolled by {@code grant issue}. */
    enum NodeRole {
        EDGE(Optional.of(Grant.Role.EDGE)),
        REGION(Optional.of(Grant.Role.REGION)),
        STEER(Optional.empty());

        private final Optional<Grant.Role> granted;

        NodeRole(Optional<Grant.Role> granted) {
            this.granted = granted;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
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
        Duration validity = Days.of("--days", days, 1);
        Duration grace = Days.of("--grace-days", graceDays, 0);
        Deployment opened = deployment.open();
        Deployment.Node node =
                role.granted.isPresent()
                        ? opened.issue(name, role.granted.get(), hosts, validity, grace)
                        : opened.issueWithoutGrant(name, hosts, validity);
        PrintWriter out = spec.commandLine().getOut();
        out.println("Made the keys of " + name + " in " + node.folder());
        if (node.isGranted()) out.println("  replica  " + GrantText.read(node.grant()).replica());
        out.println("  reached  " + String.join(", ", hosts));
        out.println(
                "  take the whole folder to the node; node.key"
                        + (node.isGranted() ? " and replica.key are" : " is")
                        + " secret");
        out.println();
        out.println(
                "Next: holdfast "
                        + role.word()
                        + " init "
                        + name
                        + ".yaml --keys "
                        + node.folder());
        out.flush();
    }
}
