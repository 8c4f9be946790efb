package dev.holdfast.cli.trust;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Signs a grant. */
@Command(
        name = "issue",
        description = "Signs a grant for the holder of a key.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: holdfast grant issue --key PUBLICKEY --subject nurse-amina --scope"
                    + " clinic-7:read,write=patients+vitals --out amina.grant",
            "",
            "The public key is what \"holdfast device init\" prints. What is printed, or in the"
                    + " file, is also the token for the HTTP API: Authorization: Bearer GRANT."
        })
final class GrantIssueCommand implements Runnable {
    @Spec private CommandSpec spec;
    @Mixin private DeploymentOption deployment;

    @Option(
            names = "--key",
            required = true,
            paramLabel = "PUBLICKEY",
            description = "The holder's public key: 64 hexadecimal digits.")
    private String key = "";

    @Option(
            names = "--subject",
            required = true,
            paramLabel = "NAME",
            description = "Who the holder is, for people; such as nurse-amina.")
    private String subject = "";

    @Option(
            names = "--scope",
            required = true,
            paramLabel = "RIGHT",
            description =
                    "What is allowed where, such as clinic-7:read,write=patients+vitals; write=* is"
                            + " every collection. Repeatable.")
    private List<String> rights = List.of();

    @Option(
            names = "--role",
            defaultValue = "device",
            paramLabel = "ROLE",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Grant.Role role = Grant.Role.DEVICE;

    @Option(
            names = "--days",
            defaultValue = "30",
            description = "How long it counts (default: ${DEFAULT-VALUE}).")
    private int days = 30;

    @Option(
            names = "--grace-days",
            defaultValue = "30",
            description =
                    "How much longer it counts where nobody can renew it (default:"
                            + " ${DEFAULT-VALUE}).")
    private int graceDays = 30;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where to; without it the grant is printed. Never overwrites.")
    private Optional<Path> file = Optional.empty();

    @Override
    public void run() {
        file.ifPresent(GrantIssueCommand::refuseToOverwrite);
        SignedGrant grant =
                deployment
                        .open()
                        .grant(
                                Bytes.fromHex(key),
                                subject,
                                role,
                                rights.stream().map(Rights::parse).toList(),
                                Days.of("--days", days, 1),
                                Days.of("--grace-days", graceDays, 0));
        PrintWriter out = spec.commandLine().getOut();
        if (file.isPresent()) {
            GrantText.write(file.get(), grant);
            out.println(
                    "Granted " + subject + " (replica " + grant.replica() + ") in " + file.get());
            out.println();
            out.println("Next: holdfast grant show " + file.get());
        } else {
            out.println(GrantText.of(grant));
        }
        out.flush();
    }

    private static void refuseToOverwrite(Path file) {
        if (Files.exists(file)) {
            throw new Failure(
                    "there is a file " + file + " already",
                    "grants are never overwritten",
                    "name another file with --out");
        }
    }
}
