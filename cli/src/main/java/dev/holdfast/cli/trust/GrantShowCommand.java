package dev.holdfast.cli.trust;

import dev.holdfast.cli.output.Style;
import dev.holdfast.cli.output.Table;
import dev.holdfast.cli.output.Times;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.grants.Revocation;
import dev.holdfast.node.tls.Authority;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what a grant says, and whether it would be believed. */
@Command(
        name = "show",
        description = "Shows what a grant says, and whether the deployment's nodes believe it.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it counts, as far as that could be checked",
            "1:it is over, not begun, revoked, or not signed by the deployment"
        },
        footer = {"", "Example: holdfast grant show amina.grant"})
final class GrantShowCommand implements Callable<Integer> {
    /** How the signature stands. */
    private enum Signature {
        HOLDS("this deployment's"),
        FOREIGN("not this deployment's: its nodes refuse the grant"),
        UNCHECKED("not checked");

        private final String words;

        Signature(String words) {
            this.words = words;
        }
    }

    @Spec private CommandSpec spec;
    @Mixin private DeploymentOption deployment;

    @Parameters(paramLabel = "FILE", description = "The grant.")
    private Path file;

    @Option(names = "--json", description = "One line of JSON.")
    private boolean json;

    @Override
    public Integer call() {
        SignedGrant grant = GrantText.read(file);
        Instant now = Instant.now();
        Signature signature = signature(grant);
        Optional<Revocation> revoked = revoked(grant);
        boolean counts = grant.grant().countsAt(now.toEpochMilli()) && revoked.isEmpty();
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                json
                        ? Json.print(asJson(grant, signature, counts))
                        : people(grant, signature, counts, revoked, now));
        out.flush();
        return counts && signature != Signature.FOREIGN ? 0 : 1;
    }

    private Optional<Revocation> revoked(SignedGrant grant) {
        return Authority.exists(deployment.folder())
                ? deployment.open().revocations().of(grant)
                : Optional.empty();
    }

    private Signature signature(SignedGrant grant) {
        if (!Authority.exists(deployment.folder())) return Signature.UNCHECKED;
        Verifier verifier = new Verifier();
        return grant.checks(deployment.open().grantsPublicKey()).stream()
                        .allMatch(check ->
                                verifier.verify(check.publicKey(), check.text(), check.signature()))
                ? Signature.HOLDS
                : Signature.FOREIGN;
    }

    private String people(
            SignedGrant signed,
            Signature signature,
            boolean counts,
            Optional<Revocation> revoked,
            Instant now) {
        Grant grant = signed.grant();
        Instant ends = Instant.ofEpochMilli(grant.notAfterMillis());
        Duration grace = Duration.ofMillis(grant.offlineGraceMillis());
        String unchecked =
                signature == Signature.UNCHECKED
                        ? ": no deployment in " + deployment.folder() + "; name it with --keys"
                        : "";
        Table table =
                Table.plain()
                        .row("subject", grant.subject())
                        .row("role", Deployment.word(grant.role()))
                        .row("replica", signed.replica().toString())
                        .row("public key", signed.publicKey().hex());
        String label = "allowed";
        for (Grant.Right right : grant.rights()) {
            table.row(label, Rights.text(right));
            label = "";
        }
        String state =
                revoked.isPresent()
                        ? "is revoked since " + Times.relative(revoked.get().at(), now)
                        : counts ? "counts" : now.isBefore(ends) ? "does not count yet" : "is over";
        table.row("from", Times.relative(Instant.ofEpochMilli(grant.notBeforeMillis()), now))
                .row(
                        "until",
                        Times.relative(ends, now) + ", " + Times.span(grace) + " more offline")
                .row("now", state)
                .row("signature", signature.words + unchecked);
        if (!signed.successions().isEmpty())
            table.row("key changes", Integer.toString(signed.successions().size()));
        return table.text(Style.ofTerminal());
    }

    private static Value asJson(SignedGrant signed, Signature signature, boolean counts) {
        Grant grant = signed.grant();
        return Value.from(
                Map.of(
                        "subject", grant.subject(),
                        "role", Deployment.word(grant.role()),
                        "replica", signed.replica().toString(),
                        "public-key", signed.publicKey().hex(),
                        "rights", grant.rights().stream().map(Rights::text).toList(),
                        "not-before", Instant.ofEpochMilli(grant.notBeforeMillis()).toString(),
                        "not-after", Instant.ofEpochMilli(grant.notAfterMillis()).toString(),
                        "offline-grace-days",
                                Duration.ofMillis(grant.offlineGraceMillis()).toDays(),
                        "counts", counts,
                        "signature", signature.name().toLowerCase(java.util.Locale.ROOT)));
    }
}
