package dev.holdfast.cli.trust;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.ReplicaKey;
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
                    + " file, is also the token for the HTTP API: Authorization: Bearer GRANT.",
            "",
            "For the console: holdfast grant issue --role operator --subject op-dalia --scope"
                    + " *:read --out dalia.grant; with *:read,write=* she may also act. An operator"
                    + " needs no key."
        })
final class GrantIssueCommand implements Runnable {
    @Spec private CommandSpec spec;
    @Mixin private DeploymentOption deployment;

    @Option(
            names = "--key",
            paramLabel = "PUBLICKEY",
            description =
                    "The holder's public key: 64 hexadecimal digits. An operator's grant needs none: it"
                            + " is then for a key that nobody keeps.")
    private Optional<String> key = Optional.empty();

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
                                publicKey(),
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

    private Bytes publicKey() {
        if (key.isPresent()) return Bytes.fromHex(key.get());
        if (role == Grant.Role.OPERATOR) return ReplicaKey.create(Entropy.system()).publicKey();
        throw new Failure(
                "whose grant is it?",
                "a grant for a " + Deployment.word(role) + " is for the holder of a key",
                "--key PUBLICKEY, as \"holdfast device init\" prints it");
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
