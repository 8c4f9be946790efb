package dev.holdfast.cli.steer;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.output.Style;
import dev.holdfast.cli.output.Table;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.keys.KeysException;
import dev.holdfast.node.settings.SettingsFile;
import dev.holdfast.steer.SteerSettings;
import dev.holdfast.steer.dns.ZoneKeys;
import dev.holdfast.steer.zone.DnsName;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows a signed zone's keys, and has one take the place of another, step by step. */
@Command(
        name = "keys",
        description =
                "Shows the keys of a signed zone in a node's files, and has one take the place of"
                        + " another. It changes files; nodes read them when they start.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example: holdfast steer keys holdfast.example --settings steer-1.yaml --next",
            "",
            "A key is replaced in four steps, each on one node, after which the folder is copied to"
                    + " the others and all are restarted one by one: --next; the DS of both to the"
                    + " zone above; when all caches have both, --turn; a zone's longest TTL later,"
                    + " --drop-old, and the old DS goes."
        })
final class SteerKeysCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "ZONE", description = "Such as holdfast.example.")
    private String zone = "";

    @Option(
            names = "--settings",
            required = true,
            paramLabel = "FILE",
            description = "The settings of the node, as \"holdfast steer\" takes them.")
    private Path settings = Path.of("");

    @Option(names = "--json", description = "One line of JSON.")
    private boolean json;

    @ArgGroup private @Nullable Step step;

    /** What is done, if anything. */
    static final class Step {
        @Option(names = "--next", description = "Makes the key that is to sign next.")
        private boolean next;

        @Option(names = "--turn", description = "Has the next key sign.")
        private boolean turn;

        @Option(names = "--drop-old", description = "Deletes the key that signed before.")
        private boolean dropOld;
    }

    @Override
    public void run() {
        SteerSettings read = SettingsFile.load(settings, SteerSettings.class);
        ZoneKeys keys = read.dns().zoneKeys(read.data());
        DnsName name = name();
        if (step != null) take(step, keys, name);
        PrintWriter out = spec.commandLine().getOut();
        List<ZoneKeys.Shown> shown = keys.shown(name);
        if (json) out.println(Json.print(Value.from(Map.of("keys", rows(shown)))));
        else tell(shown, out);
        out.flush();
    }

    private void take(Step one, ZoneKeys keys, DnsName name) {
        try {
            if (one.next) keys.makeNext(name);
            if (one.turn) keys.turn(name);
            if (one.dropOld) keys.dropOld(name);
        } catch (KeysException e) {
            throw new Failure(
                    "the keys of " + zone + " are as they were",
                    String.valueOf(e.getMessage()),
                    "the steps in their order: holdfast steer keys --help");
        }
    }

    private DnsName name() {
        try {
            return DnsName.parse(zone);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(), "\"" + zone + "\" is no zone: " + e.getMessage());
        }
    }

    private static List<Value> rows(List<ZoneKeys.Shown> shown) {
        return shown.stream()
                .map(key ->
                        Value.from(
                                Map.of(
                                        "file", key.file().toString(),
                                        "signs", key.signs(),
                                        "tag", key.tag(),
                                        "ds", key.ds())))
                .toList();
    }

    private void tell(List<ZoneKeys.Shown> shown, PrintWriter out) {
        if (shown.isEmpty()) {
            out.println(
                    "No key signs for " + zone + ". A node makes one when it starts with the zone");
            out.println("signed: dnssec: {sign: true} in its zones file.");
            return;
        }
        Table table = Table.headed("KEY", "IS", "FILE");
        for (ZoneKeys.Shown key : shown)
            table.row(
                    Integer.toString(key.tag()),
                    key.signs() ? "signing" : "published",
                    key.file().toString());
        out.println(table.text(Style.ofTerminal()));
        out.println();
        out.println("For the zone above:");
        for (ZoneKeys.Shown key : shown) out.println("  " + key.ds());
        out.println();
        out.println("Next: " + next(shown));
    }

    private String next(List<ZoneKeys.Shown> shown) {
        String self = "holdfast steer keys " + zone + " --settings " + settings;
        if (step != null)
            return "copy the folder to the zone's other nodes, restart them one by one, and see"
                    + " that \"holdfast steer status --json\" has the same \"ds\" at each";
        return self + (shown.size() == 1 ? " --next" : " --turn, or --drop-old after that");
    }
}
