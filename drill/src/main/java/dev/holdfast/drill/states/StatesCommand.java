package dev.holdfast.drill.states;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.output.Progress;
import dev.holdfast.cli.output.Style;
import dev.holdfast.cli.output.Table;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.drill.net.Network;
import dev.holdfast.drill.net.Proxies;
import dev.holdfast.drill.process.DrillException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Takes a clinic of real processes through the four states, and judges it. */
@Command(
        name = "states",
        description =
                "Takes real processes through a normal day, a gateway cut, a blackout and the"
                        + " reconnection, kills them in the middle, and judges what their stores hold.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every guarantee held",
            "1:one was broken, or the drill could not be done"
        },
        footer = {
            "",
            "As root it cuts links between network namespaces, else between processes by proxies; it"
                    + " says which. It takes two minutes or so.",
            "Example: holdfast drill states --kills 100"
        })
public final class StatesCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
            names = "--kills",
            defaultValue = "10",
            description = "Further kills, of anybody at any moment (default: ${DEFAULT-VALUE}).")
    private int kills = 10;

    @Option(
            names = "--seed",
            description = "Of the writes and the moments; a new one unless given.")
    private @Nullable Long givenSeed;

    @Option(
            names = "--json",
            description = "One line of JSON on the standard output, nothing else.")
    private boolean json;

    @Option(
            names = "--proxies",
            description = "Cuts links by proxies, though namespaces may be allowed.")
    private boolean proxies;

    @Option(names = "--keep", description = "Keeps stores and logs although all held.")
    private boolean keep;

    @Override
    public Integer call() throws Exception {
        long seed = givenSeed == null ? new Random().nextInt(1_000_000) : givenSeed;
        PrintWriter err = spec.commandLine().getErr();
        Path folder = newFolder();
        boolean held = false;
        try {
            Outcome outcome = run(seed, folder, err);
            held = outcome.held();
            PrintWriter out = spec.commandLine().getOut();
            if (json) out.println(outcome.json());
            else people(outcome, seed, out);
            out.flush();
        } catch (DrillException e) {
            throw new Failure(
                    "the drill could not be done",
                    String.valueOf(e.getMessage()),
                    "look into "
                            + folder
                            + ", mend that, and run: holdfast drill states --seed "
                            + seed,
                    e);
        } finally {
            if (held && !keep) delete(folder);
            else tell(err, "Stores and logs are in " + folder);
        }
        return held ? 0 : 1;
    }

    /** What came out. */
    private record Outcome(String means, List<Guarantee> guarantees, Map<String, Object> figures) {
        boolean held() {
            return guarantees.stream().allMatch(Guarantee::held);
        }

        String json() {
            List<Value> all = new ArrayList<>();
            for (Guarantee each : guarantees) {
                all.add(
                        Value.from(
                                Map.of(
                                        "name",
                                        each.name(),
                                        "held",
                                        each.held(),
                                        "figure",
                                        each.figure())));
            }
            return Json.print(
                    Value.from(
                            Map.of(
                                    "name",
                                    "states",
                                    "held",
                                    held(),
                                    "guarantees",
                                    all,
                                    "figures",
                                    figures)));
        }
    }

    private Outcome run(long seed, Path folder, PrintWriter err) throws InterruptedException {
        Ledger ledger = new Ledger();
        // The four states, the random kills, and the quiet at the end.
        try (Progress progress = Progress.of("drill states", 5 + kills, err);
                Network network = proxies ? new Proxies() : Network.make();
                Rings rings = new Rings(network, folder, seed, ledger, progress::at)) {
            // A drill that is told to stop takes its processes and its network with it.
            Thread hook = Thread.ofPlatform().name("tear-down").unstarted(tearDown(rings, network));
            Runtime.getRuntime().addShutdownHook(hook);
            progress.line("Seed " + seed + "; " + network.means());
            progress.at("starting region, edge and three devices");
            rings.start();
            Story story =
                    new Story(network, rings, ledger, new Evidence(), new Random(seed), progress);
            Outcome outcome = outcome(story.run(kills), story, seed, network.means());
            Runtime.getRuntime().removeShutdownHook(hook);
            return outcome;
        }
    }

    private static Runnable tearDown(Rings rings, Network network) {
        return () -> {
            rings.close();
            network.close();
        };
    }

    private Outcome outcome(Judge judge, Story story, long seed, String means) {
        Judge.Counts counts = judge.counts();
        Map<String, Object> figures = new TreeMap<>();
        figures.put("acknowledged", counts.acknowledged());
        figures.put("found", counts.found());
        figures.put("lost", counts.lost());
        figures.put("applied-twice", counts.appliedTwice());
        figures.put("contested-values", counts.contested());
        figures.put("conflicting-values-kept", counts.conflictsKept());
        figures.put("backlog", story.drained());
        figures.put("drain-seconds", story.drain().toMillis() / 1000.0);
        figures.put("random-kills", kills);
        figures.put("seed", seed);
        figures.put("network", means);
        return new Outcome(means, judge.guarantees(), figures);
    }

    private void people(Outcome outcome, long seed, PrintWriter out) {
        Style style = Style.ofTerminal();
        Table table = Table.headed("GUARANTEE", "FIGURE", "");
        for (Guarantee each : outcome.guarantees()) {
            table.row(
                    each.name(),
                    each.figure(),
                    each.held() ? style.good("held") : style.alarm("BROKEN"));
        }
        out.println(table.text(style));
        out.println();
        out.println("Links: " + outcome.means());
        long broken = outcome.guarantees().stream().filter(each -> !each.held()).count();
        out.println(broken == 0 ? "All guarantees held." : broken + " guarantees are broken.");
        out.println();
        out.println(
                broken == 0
                        ? "Next: holdfast drill states --kills 100"
                        : "Next: holdfast drill states --seed " + seed);
    }

    private static void tell(PrintWriter err, String line) {
        err.println(line);
        err.flush();
    }

    /** PostgreSQL does not run as root, and must be able to enter it. */
    private static Path newFolder() throws IOException {
        Path folder = Files.createTempDirectory("holdfast-states-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        return folder;
    }

    private static void delete(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(each);
        } catch (IOException e) {
            throw new UncheckedIOException("deleting " + folder, e);
        }
    }
}
