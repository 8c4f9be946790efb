package dev.holdfast.cli.trust;

import dev.holdfast.cli.output.Style;
import dev.holdfast.cli.output.Table;
import dev.holdfast.cli.output.Times;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.node.grants.Revocation;
import dev.holdfast.node.grants.RevocationList;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists what is revoked. */
@Command(
        name = "revoked",
        description = "Lists what is revoked, as this folder signed it last.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: holdfast grant revoked --keys /secure/clinics"})
final class GrantRevokedCommand implements Runnable {
    @Spec private CommandSpec spec;
    @Mixin private DeploymentOption deployment;

    @Option(names = "--json", description = "One line of JSON.")
    private boolean json;

    @Override
    public void run() {
        RevocationList list = deployment.open().revocations();
        PrintWriter out = spec.commandLine().getOut();
        if (json)
            out.println(
                    Json.print(
                            Value.from(
                                    Map.of(
                                            "serial",
                                            list.serial(),
                                            "revoked",
                                            list.revoked().values().stream()
                                                    .map(Revocation::told)
                                                    .toList()))));
        else people(list, Instant.now(), out);
        out.flush();
    }

    private static void people(RevocationList list, Instant now, PrintWriter out) {
        if (list.revoked().isEmpty()) {
            out.println("Nothing is revoked.");
            return;
        }
        Table table = Table.headed("SUBJECT", "SINCE", "REASON", "KEY");
        for (Revocation each : list.newest(list.revoked().size()))
            table.row(
                    each.subject(),
                    Times.relative(each.at(), now),
                    each.reason().orElse(""),
                    each.publicKey().hex());
        out.println("serial " + list.serial());
        out.println();
        out.println(table.text(Style.ofTerminal()));
    }
}
