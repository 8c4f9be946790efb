package dev.holdfast.drill.rings;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.output.Style;
import dev.holdfast.drill.report.Course;
import dev.holdfast.drill.report.IndexPage;
import dev.holdfast.drill.report.PageFile;
import dev.holdfast.drill.report.Report;
import dev.holdfast.drill.report.Report.Ending.Undone;
import dev.holdfast.drill.report.ReportPage;
import dev.holdfast.drill.rings.Attempts.Attempt;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Every drill that stands beside it in the same group, one after the other, each on rings of its
 * own. One that cannot be done counts as broken, and the others still run.
 */
@Command(
        name = "all",
        mixinStandardHelpOptions = true,
        description = "Runs every drill, one after the other, and sums up.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every guarantee of every drill held",
            "1:one was broken, or a drill could not be done"
        },
        footer = {
            "",
            "It takes half an hour or so.",
            "Example: holdfast drill all --report reports"
        })
public final class AllDrills implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(names = "--seed", description = "Given on to each drill; a new one unless given.")
    private @Nullable Long givenSeed;

    @Option(
            names = "--json",
            description = "One line of JSON on the standard output, nothing else.")
    private boolean json;

    @Option(
            names = "--proxies",
            description = "Cuts links by proxies, though namespaces may be allowed.")
    private boolean proxies;

    @Option(names = "--keep", description = "Keeps stores and logs of all drills.")
    private boolean keep;

    @Option(
            names = "--report",
            paramLabel = "FOLDER",
            description =
                    "Writes a page for each drill into FOLDER, and index.html, which leads to them.")
    private @Nullable Path pages;

    @Override
    public Integer call() throws InterruptedException {
        long seed = givenSeed == null ? Drill.newSeed() : givenSeed;
        PrintWriter out = spec.commandLine().getOut();
        List<CommandLine> drills = drills();
        List<Report> reports = new ArrayList<>();
        Instant now = Instant.now();
        for (CommandLine each : drills) reports.add(drillOf(each).report(seed, now));
        if (pages != null) layOut(pages, reports);
        List<Attempt> attempts = new ArrayList<>();
        boolean written = true;
        for (int i = 0; i < drills.size(); i++) {
            CommandLine drill = drills.get(i);
            tell("Drill " + (i + 1) + " of " + drills.size() + ": " + drill.getCommandName());
            Attempt attempt = attempt(drill, seed);
            if (attempt.isStopped()) return 1;
            attempts.add(attempt);
            reports.set(i, ended(reports.get(i), attempt));
            written = pages == null || rewrite(index(pages), reports);
        }
        Attempts all = new Attempts(seed, attempts);
        out.println(json ? all.json() : all.text(Style.ofTerminal()));
        out.flush();
        if (pages != null && written) tell("The reports are in " + index(pages));
        return all.held() && written ? 0 : 1;
    }

    /** What cannot be written any more keeps no drill from running. */
    private boolean rewrite(Path index, List<Report> reports) {
        try {
            PageFile.write(index, IndexPage.of(reports));
            return true;
        } catch (Failure e) {
            tell(e.text());
            return false;
        }
    }

    /** Those beside it, as they were registered. */
    List<CommandLine> drills() {
        return spec.parent().subcommands().values().stream()
                .filter(line -> line.getCommand() instanceof Drill)
                .toList();
    }

    private static Drill drillOf(CommandLine line) {
        return line.getCommand();
    }

    /** A page for each that says that it has not ended, so that no link leads nowhere. */
    private static void layOut(Path pages, List<Report> reports) {
        PageFile.makeFolder(pages);
        Course nothing = new Course(0, List.of(), List.of(), 0);
        for (Report each : reports)
            PageFile.write(page(pages, each.name()), ReportPage.of(each, nothing));
        PageFile.write(index(pages), IndexPage.of(reports));
    }

    private Attempt attempt(CommandLine drill, long seed) throws InterruptedException {
        AtomicReference<@Nullable Outcome> outcome = new AtomicReference<>();
        Optional<String> trouble = Optional.empty();
        long started = System.nanoTime();
        try {
            drill.parseArgs(options(drill.getCommandName(), seed));
            drillOf(drill)
                    .perform(told -> {
                        outcome.set(told);
                        print(told);
                    });
        } catch (Failure e) {
            tell(e.text());
            trouble = Optional.of(e.why());
        } catch (RuntimeException | IOException e) {
            // It is this one's own fault, and says nothing about those that come after it.
            tell("drill " + drill.getCommandName() + " stopped on something nobody foresaw: " + e);
            trouble = Optional.of(e.toString());
        }
        return new Attempt(
                drill.getCommandName(),
                Optional.ofNullable(outcome.get()),
                trouble,
                Duration.ofNanos(System.nanoTime() - started));
    }

    private String[] options(String drill, long seed) {
        List<String> options = new ArrayList<>(List.of("--seed=" + seed));
        if (proxies) options.add("--proxies");
        if (keep) options.add("--keep");
        if (pages != null) options.add("--report=" + page(pages, drill));
        return options.toArray(String[]::new);
    }

    private void print(Outcome outcome) {
        if (json) return;
        PrintWriter out = spec.commandLine().getOut();
        Style style = Style.ofTerminal();
        out.println(style.bold("drill " + outcome.name()));
        out.println(outcome.text(style));
        out.println();
        out.flush();
    }

    private static Report ended(Report report, Attempt attempt) {
        Report.Ending ending =
                attempt.outcome().isPresent()
                        ? attempt.outcome().get().judged()
                        : new Undone(attempt.trouble().orElse(""));
        return report.ended(ending, attempt.took());
    }

    private static Path index(Path pages) {
        return pages.resolve("index.html");
    }

    private static Path page(Path pages, String drill) {
        return pages.resolve(IndexPage.pageOf(drill));
    }

    private void tell(String line) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(line);
        err.flush();
    }
}
