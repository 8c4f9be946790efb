package dev.holdfast.cli.trust;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.grants.Revocation;
import dev.holdfast.node.grants.RevocationList;
import dev.holdfast.node.grants.SignedRevocations;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Revokes grants. */
@Command(
        name = "revoke",
        description = {
            "Revokes every grant for a key, whatever key it was handed over to since.",
            "Signs the deployment's next list of what is revoked, and hands it to nodes, which tell"
                    + " the others. A node refuses such a grant once it has the list."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it is revoked, and every node that was named has the list",
            "1:a node has not; the list is signed all the same"
        },
        footer = {
            "",
            "Example: holdfast grant revoke --grant amina.grant --reason \"tablet stolen\" --node"
                    + " https://edge-1.example:8443",
            "",
            "With --node alone it hands the list over once more. A device shows its public key with"
                    + " \"holdfast device status\", and the console shows those that have come."
        })
final class GrantRevokeCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DeploymentOption deployment;

    @Option(
            names = "--key",
            paramLabel = "PUBLICKEY",
            description = "The holder's public key: 64 hexadecimal digits. Repeatable.")
    private List<String> keys = List.of();

    @Option(
            names = "--subject",
            defaultValue = "unknown",
            paramLabel = "NAME",
            description = "Whose --key that is, for people (default: ${DEFAULT-VALUE}).")
    private String subject = "unknown";

    @Option(
            names = "--grant",
            paramLabel = "FILE",
            description = "A grant, in place of its holder's key. Repeatable.")
    private List<Path> grants = List.of();

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for people.")
    private Optional<String> reason = Optional.empty();

    @Option(
            names = "--node",
            paramLabel = "https://HOST:PORT",
            description = "A node that is handed the list. Repeatable.")
    private List<URI> nodes = List.of();

    @Option(
            names = "--drop-before",
            paramLabel = "DATE",
            description =
                    "Leaves out what was revoked before that day: for when those grants, their graces"
                            + " included, are over anyway.")
    private Optional<LocalDate> dropBefore = Optional.empty();

    @Option(names = "--json", description = "One line of JSON.")
    private boolean json;

    @Override
    public Integer call() throws InterruptedException {
        nodes.forEach(GrantRevokeCommand::requireAddress);
        Deployment by = deployment.open();
        List<Revocation> words = words(by);
        if (words.isEmpty() && nodes.isEmpty() && dropBefore.isEmpty())
            throw new Failure(
                    "whose grants are to be revoked?",
                    "neither a key nor a grant is named, nor a node that is to have the list",
                    "--grant FILE, or --key PUBLICKEY");
        SignedRevocations list;
        Map<URI, HandingOver.Answer> answers = new LinkedHashMap<>();
        try (HandingOver handing = new HandingOver(by)) {
            list = list(by, words, handing);
            for (URI node : nodes) answers.put(node, handing.give(node, list));
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) out.println(Json.print(asJson(by, words, list, answers)));
        else people(by, words, list, answers, out);
        out.flush();
        return answers.values().stream().allMatch(GrantRevokeCommand::isTaken) ? 0 : 1;
    }

    private static void requireAddress(URI node) {
        if (!"https".equals(node.getScheme()) || node.getHost() == null)
            throw new Failure(
                    node + " is no node's address",
                    "an address is https://HOST:PORT",
                    "--node https://edge-1.example:8443");
    }

    private List<Revocation> words(Deployment by) {
        Instant now = Instant.now();
        List<Revocation> words = new ArrayList<>();
        try {
            for (String key : keys)
                words.add(new Revocation(Bytes.fromHex(key), subject, now, reason));
            for (Path file : grants) {
                SignedGrant grant = GrantText.read(file);
                requireOwn(by, grant, file);
                words.add(
                        new Revocation(
                                grant.grant().publicKey(), grant.grant().subject(), now, reason));
            }
        } catch (IllegalArgumentException e) {
            throw new Failure(
                    "that cannot be revoked",
                    String.valueOf(e.getMessage()),
                    "holdfast grant revoke --help",
                    e);
        }
        return words;
    }

    private static void requireOwn(Deployment by, SignedGrant grant, Path file) {
        Verifier verifier = new Verifier();
        if (grant.checks(by.grantsPublicKey()).stream()
                .allMatch(check ->
                        verifier.verify(check.publicKey(), check.text(), check.signature())))
            return;
        throw new Failure(
                "the grant in " + file + " is not this deployment's",
                "its signature is by another key than that in " + by.folder(),
                "name the right deployment with --keys");
    }

    /**
     * The list that is to be in force. Nodes are asked first: this folder may have been put back
     * from a copy, or somebody else revoke with another one, and nothing of that must be lost.
     */
    private SignedRevocations list(Deployment by, List<Revocation> words, HandingOver handing)
            throws InterruptedException {
        Optional<SignedRevocations> signed = by.signedRevocations();
        RevocationList before = by.revocations();
        try {
            RevocationList known = before;
            for (URI node : nodes) known = known.joined(handing.known(node));
            if (dropBefore.isPresent())
                known = known.since(dropBefore.get().atStartOfDay(ZoneOffset.UTC).toInstant());
            RevocationList next = known.next(words);
            boolean same = known.serial() == before.serial() && isSame(before, next);
            if (same && signed.isPresent()) return signed.get();
            if (next.revoked().isEmpty() && dropBefore.isEmpty())
                throw new Failure(
                        "nothing was ever revoked",
                        "there is no list to hand over in " + by.folder() + ", nor at a node",
                        "--grant FILE, or --key PUBLICKEY");
            return by.sign(next);
        } catch (IllegalArgumentException e) {
            throw new Failure(
                    "the list would be too long",
                    String.valueOf(e.getMessage()),
                    "--drop-before DATE, for those whose grants are over anyway",
                    e);
        }
    }

    private static boolean isSame(RevocationList one, RevocationList other) {
        return one.revoked().equals(other.revoked());
    }

    private static boolean isTaken(HandingOver.Answer answer) {
        return answer instanceof HandingOver.Answer.Told told && told.stands();
    }

    private void people(
            Deployment by,
            List<Revocation> words,
            SignedRevocations list,
            Map<URI, HandingOver.Answer> answers,
            PrintWriter out) {
        for (Revocation word : words)
            out.println("Revoked " + word.subject() + ", key " + word.publicKey().hex());
        out.println(
                "The list has serial "
                        + list.list().serial()
                        + " and "
                        + list.list().revoked().size()
                        + " keys, in "
                        + by.revokedFile());
        answers.forEach((node, answer) -> out.println("  " + node + "  " + told(answer)));
        if (answers.values().stream().anyMatch(GrantRevokeCommand::isTaken)) {
            out.println();
            out.println("The other nodes hear of it from these, within a minute or two.");
            return;
        }
        out.println();
        out.println("No node knows it yet. One is enough, and it tells the others:");
        out.println(
                "Next: holdfast grant revoke --keys " + by.folder() + " --node https://HOST:PORT");
        out.println(
                "  or, from where such a node is reached: curl --cacert ca.pem -T revoked"
                        + " https://HOST:PORT/v1/revocations");
    }

    private static String told(HandingOver.Answer answer) {
        return switch (answer) {
            case HandingOver.Answer.Told(long serial, boolean stands) ->
                    stands
                            ? "has it"
                            : "has another list, with serial "
                                    + serial
                                    + ": run this once more, to join the two";
            case HandingOver.Answer.Failed(String reason) -> "does not have it: " + reason;
        };
    }

    private static Value asJson(
            Deployment by,
            List<Revocation> words,
            SignedRevocations list,
            Map<URI, HandingOver.Answer> answers) {
        List<Object> nodes = new ArrayList<>();
        answers.forEach((node, answer) -> {
            Map<String, Object> row = new TreeMap<>();
            row.put("node", node.toString());
            row.put("stands", isTaken(answer));
            switch (answer) {
                case HandingOver.Answer.Told told -> row.put("serial", told.serial());
                case HandingOver.Answer.Failed failed -> row.put("failure", failed.reason());
            }
            nodes.add(row);
        });
        return Value.from(
                Map.of(
                        "serial",
                        list.list().serial(),
                        "file",
                        by.revokedFile().toString(),
                        "revoked",
                        words.stream().map(Revocation::told).toList(),
                        "nodes",
                        nodes));
    }
}
