package dev.holdfast.cli.device;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.trust.GrantText;
import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.keys.Entropy;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Makes and enrols a device. */
@Command(
        name = "init",
        description = {
            "Makes a device's key and prints its public half, for which a grant is to be issued;"
                    + " then, with that grant, enrols it.",
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: holdfast device init --store my",
            "         holdfast grant issue --key PUBLICKEY --subject nurse-zola --scope"
                    + " clinic-7:read,write=* --out zola.grant",
            "         holdfast device init --store my --grant zola.grant --endpoint"
                    + " https://localhost:7700"
        })
final class DeviceInitCommand implements Runnable {
    @Spec private CommandSpec spec;
    @ParentCommand private DeviceCommand device;

    @Option(names = "--grant", paramLabel = "FILE", description = "Its grant.")
    private Optional<Path> grant = Optional.empty();

    @Option(
            names = "--trust",
            paramLabel = "FOLDER",
            defaultValue = "data/keys",
            description =
                    "Where the deployment's ca.pem and grants.pub are (default: ${DEFAULT-VALUE}).")
    private Path trust = Path.of("data/keys");

    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            description = "An edge or a region, such as https://localhost:7700; repeatable.")
    private List<URI> endpoints = List.of();

    @Override
    public void run() {
        DeviceFolder folder = device.folder();
        Bytes key = folder.init(Entropy.system());
        PrintWriter out = spec.commandLine().getOut();
        if (grant.isEmpty()) {
            out.println("The device in " + folder.folder() + " has the public key");
            out.println("  " + key.hex());
            out.println();
            out.println(
                    folder.isEnrolled()
                            ? "It is enrolled. Next: holdfast device --store "
                                    + folder.folder()
                                    + " status"
                            : "Next: holdfast grant issue --key "
                                    + key.hex()
                                    + " --subject NAME --scope SCOPE:read,write=* --out FILE");
        } else {
            SignedGrant given = GrantText.read(grant.get());
            Optional<String> named = device.scope();
            String scope = named.isPresent() ? named.get() : only(given);
            requireFor(key, given);
            folder.enrol(given, trust, scope, endpoints);
            out.println(
                    "Enrolled "
                            + given.grant().subject()
                            + " in "
                            + folder.folder()
                            + " for "
                            + scope);
            out.println();
            out.println("Next: holdfast device --store " + folder.folder() + " status");
        }
        out.flush();
    }

    private void requireFor(Bytes key, SignedGrant given) {
        if (endpoints.isEmpty()) {
            throw new Failure(
                    "no endpoint is given",
                    "the device would reach nobody",
                    "--endpoint https://localhost:7700");
        }
        if (!given.publicKey().equals(key)) {
            throw new Failure(
                    "the grant is for another key",
                    "it is for " + given.publicKey().hex() + "; this device's is " + key.hex(),
                    "holdfast grant issue --key " + key.hex() + " …");
        }
    }

    private static String only(SignedGrant given) {
        List<String> scopes = given.grant().rights().stream().map(Grant.Right::scope).toList();
        if (scopes.size() == 1 && !scopes.getFirst().equals(Grant.ANY)) return scopes.getFirst();
        throw new Failure(
                "the grant names not one scope",
                "it names " + String.join(", ", scopes),
                "--scope with the one in which this device mostly works");
    }
}
