package dev.holdfast.cli.mirror;

import static dev.holdfast.cli.output.Said.at;
import static dev.holdfast.cli.output.Said.flag;
import static dev.holdfast.cli.output.Said.number;
import static dev.holdfast.cli.output.Said.text;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.output.Progress;
import dev.holdfast.cli.output.Style;
import dev.holdfast.cli.output.Table;
import dev.holdfast.cli.output.Times;
import dev.holdfast.core.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares a region with a peer. */
@Command(
        name = "verify",
        description =
                "Compares what a region and a peer have, down to the documents and operations in"
                        + " which they differ. Changes nothing, unless it is to repair.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:both have the same",
            "1:they differ, or could not be compared",
            "2:the command line was not understood; nothing was done"
        },
        footer = {
            "",
            "Example: holdfast mirror verify jakarta.example:8444 --settings singapore.yaml --repair"
        })
final class MirrorVerifyCommand extends MirrorAction {
    private static final int SHOWN = 20;
    private static final int DOTS = 2;

    @Parameters(
            paramLabel = "PEER",
            description = "As the settings name it: host:port, or the host where that is enough.")
    private String peer;

    @Option(
            names = "--scope",
            paramLabel = "SCOPE",
            description = "This scope alone (default: all that there are).")
    private Optional<String> scope = Optional.empty();

    @Option(
            names = "--wait",
            paramLabel = "TIME",
            defaultValue = "30s",
            converter = SpanConverter.class,
            description =
                    "How long to wait at most for what is on its way, such as 500ms or 5m (default:"
                            + " ${DEFAULT-VALUE}).")
    private Duration patience = Duration.ofSeconds(30);

    @Option(
            names = "--repair",
            description =
                    "Send each region what it lacks, and put this region's own rows in order by"
                            + " what it keeps and the authors signed. The peer's rows are its own to"
                            + " put in order: run this there.")
    private boolean repair;

    /** Reads a time. */
    static final class SpanConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            return Times.parse(text);
        }
    }

    @Override
    int run(OwnRegion region) throws IOException, InterruptedException {
        Map<String, String> query = new HashMap<>();
        query.put("wait-millis", Long.toString(patience.toMillis()));
        if (repair) query.put("repair", "true");
        scope.ifPresent(name -> query.put("scope", name));
        List<Value> findings = new ArrayList<>();
        List<Value> done = new ArrayList<>();
        Optional<Value> result = Optional.empty();
        try (Progress progress = Progress.of("Comparing", 1, err());
                Stream<Value> events = region.events(peer, "verify", query)) {
            for (Value event : (Iterable<Value>) events::iterator) {
                switch (text(event, "event")) {
                    case "finding" -> findings.add(event);
                    case "result" -> result = Optional.of(event);
                    case "mended", "sent" -> done.add(event);
                    case "failed" -> throw failed(event);
                    case "looked" -> {
                        long looked = number(event, "scopes");
                        if (looked % 100 == 0 || looked == number(event, "of"))
                            progress.at(words(event));
                    }
                    default -> progress.at(words(event));
                }
            }
        } catch (UncheckedIOException e) {
            // Told below: there is no result.
            result = Optional.empty();
        }
        Value end =
                result.orElseThrow(() ->
                        new Failure(
                                "the regions could not be compared",
                                "the region ended before the comparison did",
                                again("verify " + peer)));
        if (json()) print(asJson(end, findings, done));
        else people(end, findings, done);
        return flag(end, "equal") ? 0 : 1;
    }

    private Failure failed(Value event) {
        return new Failure(
                "the regions could not be compared", text(event, "reason"), again("status"));
    }

    private String words(Value event) {
        return switch (text(event, "event")) {
            case "looked" ->
                    "looked into "
                            + counted(number(event, "scopes"))
                            + " of "
                            + counted(number(event, "of"))
                            + " scopes whose digests differ";
            case "waiting" ->
                    "waiting for what is on its way, at most "
                            + Times.span(patience)
                            + ": behind by "
                            + counted(number(event, "here"))
                            + " operations here, "
                            + counted(number(event, "peer"))
                            + " at "
                            + peer;
            default -> "comparing";
        };
    }

    private static Value asJson(Value end, List<Value> findings, List<Value> done) {
        Map<String, Object> line = new TreeMap<>(((Value.Map) end).fields());
        line.remove("event");
        line.put("findings", findings);
        line.put("repaired", done);
        return Value.from(line);
    }

    // For people.

    private void people(Value end, List<Value> findings, List<Value> done) {
        for (Value one : done) out().println(repaired(one));
        if (!done.isEmpty()) out().println();
        if (flag(end, "equal")) {
            out().println(
                            style().good("Equal")
                                    + ": "
                                    + counted(number(end, "scopes"))
                                    + (number(end, "scopes") == 1 ? " scope" : " scopes")
                                    + ", the same here and at "
                                    + peer
                                    + ".");
            readable(end);
            return;
        }
        out().println(style().alarm("Different") + ": here and at " + peer + " is not the same.");
        Map<String, List<Value>> byScope = new TreeMap<>();
        for (Value finding : findings)
            byScope.computeIfAbsent(text(finding, "scope"), _ -> new ArrayList<>()).add(finding);
        byScope.forEach(this::scope);
        if (flag(end, "partial"))
            out().println(
                            "\nThere is more than this: compare again once it is mended, or by scope.");
        readable(end);
        remedies(findings);
    }

    private void scope(String name, List<Value> findings) {
        Style style = style();
        out().println();
        out().println(style.bold("scope " + name));
        Table table = Table.headed("WHAT", "WHERE", "WHICH");
        int documents = 0;
        for (Value finding : findings) {
            boolean document = at(finding, "id").isPresent();
            if (document && ++documents > SHOWN) continue;
            table.row(what(finding), where(finding), which(finding));
        }
        out().println(table.text(style));
        if (documents > SHOWN)
            out().println(
                            "and "
                                    + counted(documents - SHOWN)
                                    + " documents more; --json lists all");
    }

    private String what(Value finding) {
        Style style = style();
        String operations = counted(number(finding, "operations")) + " operations";
        return switch (text(finding, "kind")) {
            case "lacking" -> "behind by " + operations;
            case "unseen" -> style.alarm("context without " + operations + " of its feed");
            case "unkept" -> style.alarm("batches of " + operations + " lost");
            case "forked" -> style.alarm("two branches of a copied key");
            case "corrupt" -> style.alarm("CORRUPT document: not what operations made");
            case "behind" -> "document differs for that";
            default -> "document changed at every look; compare it again";
        };
    }

    private String where(Value finding) {
        return switch (text(finding, "kind")) {
            case "forked" -> "both";
            case "corrupt" ->
                    switch (text(finding, "wrong-at")) {
                        case "unknown" -> "unknown: not all batches are kept";
                        default -> side(text(finding, "wrong-at"));
                    };
            case "behind" -> {
                boolean here = at(finding, "lacking-here").isPresent();
                boolean there = at(finding, "lacking-peer").isPresent();
                yield here && there ? "both" : here ? "here" : there ? peer : "";
            }
            default -> side(text(finding, "at"));
        };
    }

    private String side(String word) {
        return word.equals("peer") ? peer : word;
    }

    private static String which(Value finding) {
        if (at(finding, "id").isEmpty())
            return text(finding, "author") + ":" + text(finding, "numbers");
        List<String> dots = new ArrayList<>();
        for (String side : List.of("lacking-here", "lacking-peer")) {
            if (at(finding, side).orElse(Value.NIL) instanceof Value.Array lacking)
                for (Value dot : lacking.items()) dots.add(text(dot));
        }
        String document = text(finding, "collection") + "/" + text(finding, "id");
        if (dots.isEmpty()) return document;
        return document
                + ": "
                + String.join(", ", dots.subList(0, Math.min(dots.size(), DOTS)))
                + (dots.size() > DOTS ? ", …" : "");
    }

    private String repaired(Value one) {
        if (text(one, "event").equals("sent"))
            return "Sent "
                    + counted(number(one, "batches"))
                    + " batches of "
                    + text(one, "scope")
                    + " to "
                    + (text(one, "to").equals("peer") ? peer : "this region")
                    + "'s log.";
        return "Put in order here, in "
                + text(one, "scope")
                + ": "
                + counted(number(one, "batches"))
                + " batches, "
                + counted(number(one, "operations"))
                + " operations of contexts, "
                + counted(number(one, "documents"))
                + " documents.";
    }

    private void readable(Value end) {
        if (!flag(end, "readable"))
            out().println(
                            "\nThe regions show documents by different schemas, so that states were"
                                    + " compared and not the readable columns.");
    }

    /** What can be done about what is left, each once. */
    private void remedies(List<Value> findings) {
        boolean behind = false;
        boolean here = false;
        boolean there = false;
        boolean forked = false;
        boolean unknown = false;
        for (Value finding : findings) {
            String at = text(finding, "at") + text(finding, "wrong-at");
            switch (text(finding, "kind")) {
                case "lacking" -> behind = true;
                case "forked" -> forked = true;
                default -> {
                    here |= at.equals("here") || at.equals("both");
                    there |= at.equals("peer") || at.equals("both");
                    unknown |= at.equals("unknown");
                }
            }
        }
        out().println();
        if (forked)
            out().println(
                            "A key was used at two places at once. Each region keeps the branch it saw"
                                    + " first, and the other one, if it came, in its table quarantine:"
                                    + " somebody must write again what is to count.");
        if (unknown || here && repair)
            out().println(
                            "What cannot be made anew of kept batches: bring that region's database back"
                                    + " from a backup, or empty it and let the peers send all.");
        if (behind && repair)
            out().println(
                            "What was sent and is still lacking is on its way, or in the quarantine of"
                                    + " the region that lacks it.");
        if (there)
            out().println(
                            "At "
                                    + peer
                                    + " run this too, with that region's settings and --repair.");
        String repairing = behind || here ? " --repair" : "";
        out().println("Next: " + again("verify " + peer + (repair ? "" : repairing)));
    }

    private static String counted(long count) {
        return String.format(Locale.ROOT, "%,d", count);
    }
}
