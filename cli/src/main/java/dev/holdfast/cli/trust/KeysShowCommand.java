package dev.holdfast.cli.trust;

import dev.holdfast.cli.output.Style;
import dev.holdfast.cli.output.Table;
import dev.holdfast.cli.output.Times;
import dev.holdfast.core.Bytes;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.keys.KeysException;
import dev.holdfast.node.tls.Identity;
import java.io.PrintWriter;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows the public side of a deployment. */
@Command(
        name = "show",
        description = "Shows a deployment: its public keys, its nodes, and what is due.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: holdfast keys show --keys /secure/clinics"})
final class KeysShowCommand implements Runnable {
    @Spec private CommandSpec spec;
    @Mixin private DeploymentOption deployment;

    @Option(names = "--json", description = "One line of JSON.")
    private boolean json;

    @Override
    public void run() {
        Deployment shown = deployment.open();
        PrintWriter out = spec.commandLine().getOut();
        if (json) out.println(Json.print(asJson(shown)));
        else people(shown, Instant.now(), out);
        out.flush();
    }

    private static void people(Deployment shown, Instant now, PrintWriter out) {
        X509Certificate ca = shown.authority().certificate();
        Style style = Style.ofTerminal();
        Table authority =
                Table.plain()
                        .row("deployment", shown.folder().toString())
                        .row("CA", ca.getSubjectX500Principal().getName())
                        .row("  SHA-256", fingerprint(ca))
                        .row("  expires", Times.date(ca.getNotAfter().toInstant()))
                        .row("grants signed by", shown.grantsPublicKey().hex());
        out.println(authority.text(style));
        out.println();
        Table nodes =
                Table.headed("NODE", "ROLE", "REPLICA", "CERTIFICATE EXPIRES", "GRANT EXPIRES");
        boolean due = false;
        for (Deployment.Node node : shown.nodes()) {
            Identity identity = node.identity();
            boolean renew = identity.renewalIsDue(now);
            due |= renew;
            String expires = Times.date(identity.expires()) + (renew ? " (renewal is due)" : "");
            if (!node.isGranted()) {
                nodes.row(node.name(), "steer", "none", expires, "none");
                continue;
            }
            SignedGrant grant = GrantText.read(node.grant());
            nodes.row(
                    node.name(),
                    Deployment.word(grant.grant().role()),
                    grant.replica().toString(),
                    expires,
                    Times.date(Instant.ofEpochMilli(grant.grant().notAfterMillis())));
        }
        if (nodes.isEmpty()) out.println("No nodes yet.");
        else out.println(nodes.text(style));
        out.println();
        out.println(
                "Next: holdfast keys "
                        + (due ? "renew NAME" : "node NAME --role edge --san HOST")
                        + " --keys "
                        + shown.folder());
    }

    private static Value asJson(Deployment shown) {
        List<Value> nodes = new ArrayList<>();
        for (Deployment.Node node : shown.nodes()) {
            Map<String, Object> row = new TreeMap<>();
            row.put("name", node.name());
            row.put("folder", node.folder().toString());
            row.put("certificate-expires", node.identity().expires().toString());
            row.put("role", "steer");
            if (node.isGranted()) {
                SignedGrant grant = GrantText.read(node.grant());
                long until = grant.grant().notAfterMillis();
                row.put("role", Deployment.word(grant.grant().role()));
                row.put("replica", grant.replica().toString());
                row.put("grant-expires", Instant.ofEpochMilli(until).toString());
            }
            nodes.add(Value.from(row));
        }
        X509Certificate ca = shown.authority().certificate();
        return Value.from(
                Map.of(
                        "folder", shown.folder().toString(),
                        "ca-sha256", fingerprint(ca),
                        "ca-expires", ca.getNotAfter().toInstant().toString(),
                        "grants-public-key", shown.grantsPublicKey().hex(),
                        "nodes", nodes));
    }

    private static String fingerprint(X509Certificate certificate) {
        try {
            return Sha256.of(Bytes.wrap(certificate.getEncoded())).hex();
        } catch (CertificateEncodingException e) {
            throw new KeysException("The CA's certificate cannot be encoded", e);
        }
    }
}
