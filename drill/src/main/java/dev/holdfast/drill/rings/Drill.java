package dev.holdfast.drill.rings;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.output.Progress;
import dev.holdfast.cli.output.Style;
import dev.holdfast.drill.disk.Disks;
import dev.holdfast.drill.net.Network;
import dev.holdfast.drill.net.Proxies;
import dev.holdfast.drill.net.WatchedNetwork;
import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.report.PageFile;
import dev.holdfast.drill.report.Report;
import dev.holdfast.drill.report.Report.Ending.Undone;
import dev.holdfast.drill.report.ReportPage;
import dev.holdfast.drill.report.Timeline;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * A drill as a command: it starts the {@link Rings}, has its {@link Story} told on them, waits
 * until everything is everywhere, and has all stores judged. Each drill adds its options and its
 * story.
 */
@Command(
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every guarantee held",
            "1:one was broken, or the drill could not be done"
        })
public abstract class Drill implements Callable<Integer> {
    @Spec private CommandSpec spec;

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

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Writes a page to FILE: what came of it, with plots over time.")
    private @Nullable Path page;

    /** How many parts the story begins with {@link Scene#begin}: the steps of the progress. */
    protected abstract int parts();

    /** What must have happened for the drill to prove anything. */
    protected Demands demands() {
        return Demands.CUTS;
    }

    /** Where nodes keep their data, said before anything is started. */
    protected void place(Rings rings, Disks disks) {}

    /** What is to happen, on a scene where everything runs and nothing was written yet. */
    protected abstract Story story(Scene scene);

    /** The command to try next, where all held. */
    protected abstract String next();

    /** A value that was given for an option, if it is one or more; else the command was misused. */
    protected final int atLeastOne(String option, int value) {
        return atLeast(1, option, value, "less than one shows nothing");
    }

    /** The same with another bound, and why it is one. */
    protected final int atLeast(int least, String option, int value, String why) {
        if (value >= least) return value;
        throw new ParameterException(spec.commandLine(), option + " " + value + ": " + why);
    }

    /** The same with a bound that it must not be above. */
    protected final int atMost(int most, String option, int value, String why) {
        if (value <= most) return value;
        throw new ParameterException(spec.commandLine(), option + " " + value + ": " + why);
    }

    @Override
    public final Integer call() throws IOException, InterruptedException {
        return perform(this::tell) ? 0 : 1;
    }

    private void tell(Outcome outcome) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? outcome.json() : outcome.text(Style.ofTerminal(), next()));
        out.flush();
    }

    /**
     * Runs it, as its options say.
     *
     * @param told of what came of it, unless it was told to stop
     * @return whether every guarantee held
     * @throws Failure when it could not be done, or its page not be written
     */
    final boolean perform(Consumer<Outcome> told) throws IOException, InterruptedException {
        long seed = givenSeed == null ? newSeed() : givenSeed;
        PrintWriter err = spec.commandLine().getErr();
        Timeline timeline = new Timeline(System::nanoTime);
        Report report = report(seed, Instant.now());
        write(report, timeline);
        long started = System.nanoTime();
        try (TearDown tearDown = new TearDown()) {
            if (tearDown.isStopping()) return false;
            Path folder = newFolder();
            boolean[] isWanted = {keep};
            tearDown.add(() -> {
                if (isWanted[0]) tell(err, "Stores and logs are in " + folder);
                else TearDown.delete(folder);
            });
            Outcome outcome;
            try {
                outcome = run(seed, folder, tearDown, err, timeline);
            } catch (RuntimeException e) {
                // A drill that is told to stop loses its processes under its hands.
                if (tearDown.isStopping()) return false;
                isWanted[0] = true;
                RuntimeException explained = explained(e, folder, seed);
                try {
                    write(report.ended(undone(explained), Scene.since(started)), timeline);
                } catch (Failure unwritten) {
                    explained.addSuppressed(unwritten); // less than why the drill could not be done
                }
                throw explained;
            }
            isWanted[0] |= !outcome.held();
            told.accept(outcome);
            write(report.ended(outcome.judged(), Scene.since(started)), timeline);
            if (page != null) tell(err, "The report is in " + page);
            return outcome.held();
        }
    }

    private RuntimeException explained(RuntimeException e, Path folder, long seed) {
        if (!(e instanceof DrillException)) return e;
        String again = "holdfast drill " + spec.name() + " --seed " + seed;
        return new Failure(
                "the drill could not be done",
                String.valueOf(e.getMessage()),
                "look into " + folder + ", mend that, and run: " + again,
                e);
    }

    private static Undone undone(RuntimeException e) {
        return new Undone(e instanceof Failure told ? told.why() : e.toString());
    }

    static long newSeed() {
        return new Random().nextInt(1_000_000);
    }

    /** What its page says before it has ended. */
    final Report report(long seed, Instant now) {
        Help help = new Help(spec, Help.defaultColorScheme(Help.Ansi.OFF));
        String about = help.description().strip().replaceAll("\\s+", " ");
        return Report.open(spec.name(), about, seed, now);
    }

    private void write(Report report, Timeline timeline) {
        if (page != null) PageFile.write(page, ReportPage.of(report, timeline.course()));
    }

    private Outcome run(
            long seed, Path folder, TearDown tearDown, PrintWriter err, Timeline timeline)
            throws InterruptedException {
        Ledger ledger = new Ledger();
        try (Progress progress = Progress.of("drill " + spec.name(), parts() + 1, err)) {
            Disks disks = new Disks(folder);
            tearDown.add(disks::close);
            Network network = proxies ? new Proxies() : Network.make();
            tearDown.add(network::close);
            Rings rings = new Rings(network, folder, seed, ledger, progress::at);
            tearDown.add(rings::close);
            // Who waits for a frozen disk cannot even be killed.
            tearDown.add(disks::release);
            place(rings, disks);
            progress.line("Seed " + seed + "; " + network.means());
            progress.at("starting region, edge and three devices");
            rings.start();
            if (page != null) {
                Database reader = rings.reader("database-sampler", Sampler.SILENCE);
                tearDown.add(new Sampler(timeline, ledger, reader)::close);
            }
            Scene scene =
                    new Scene(
                            new WatchedNetwork(network, timeline),
                            disks,
                            rings,
                            ledger,
                            new Evidence(),
                            new Random(seed),
                            progress,
                            timeline);
            Story story = story(scene);
            story.tell();
            scene.awaitQuiet();
            Judge judge = settle(scene, story);
            return Outcome.of(spec.name(), judge, seed, network.means(), story.figures());
        }
    }

    private Judge settle(Scene scene, Story story) {
        scene.sampleWatermarks();
        if (demands().blow() != Demands.Blow.BROKEN_DISK) scene.ledger().requireAllSaved();
        Rings rings = scene.rings();
        RegionImage region = rings.database().image();
        story.judge(region);
        rings.stopReplicas();
        Map<String, StoreImage> replicas = new LinkedHashMap<>();
        for (DeviceProcess device : rings.devices().all())
            replicas.put(device.name(), rings.dead(device.folder()));
        replicas.put("edge", rings.dead(rings.edgeStore()));
        return new Judge(demands(), scene.ledger(), scene.evidence(), replicas, region);
    }

    private static void tell(PrintWriter err, String line) {
        err.println(line);
        err.flush();
    }

    /** PostgreSQL does not run as root, and must be able to enter it. */
    private static Path newFolder() throws IOException {
        Path folder = Files.createTempDirectory("holdfast-drill-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        return folder;
    }
}
