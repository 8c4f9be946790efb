package dev.holdfast.drill.states;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.output.Progress;
import dev.holdfast.cli.output.Style;
import dev.holdfast.drill.net.Network;
import dev.holdfast.drill.net.Proxies;
import dev.holdfast.drill.process.DrillException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Random;
import java.util.concurrent.Callable;
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
    public Integer call() throws IOException, InterruptedException {
        long seed = givenSeed == null ? new Random().nextInt(1_000_000) : givenSeed;
        PrintWriter err = spec.commandLine().getErr();
        try (TearDown tearDown = new TearDown()) {
            Path folder = newFolder();
            boolean[] isWanted = {keep};
            tearDown.add(() -> {
                if (isWanted[0]) tell(err, "Stores and logs are in " + folder);
                else TearDown.delete(folder);
            });
            try {
                Outcome outcome = run(seed, folder, tearDown, err);
                isWanted[0] |= !outcome.held();
                PrintWriter out = spec.commandLine().getOut();
                out.println(json ? outcome.json() : outcome.text(Style.ofTerminal()));
                out.flush();
                return outcome.held() ? 0 : 1;
            } catch (DrillException e) {
                // A drill that is told to stop loses its processes under its hands.
                if (tearDown.isStopping()) return 1;
                isWanted[0] = true;
                throw new Failure(
                        "the drill could not be done",
                        String.valueOf(e.getMessage()),
                        "look into "
                                + folder
                                + ", mend that, and run: holdfast drill states --seed "
                                + seed,
                        e);
            }
        }
    }

    private Outcome run(long seed, Path folder, TearDown tearDown, PrintWriter err)
            throws InterruptedException {
        Ledger ledger = new Ledger();
        try (Progress progress = Progress.of("drill states", Story.PARTS + kills, err)) {
            Network network = proxies ? new Proxies() : Network.make();
            tearDown.add(network::close);
            Rings rings = new Rings(network, folder, seed, ledger, progress::at);
            tearDown.add(rings::close);
            progress.line("Seed " + seed + "; " + network.means());
            progress.at("starting region, edge and three devices");
            rings.start();
            Scene scene =
                    new Scene(network, rings, ledger, new Evidence(), new Random(seed), progress);
            Story story = new Story(scene);
            Judge judge = story.run(kills);
            return Outcome.of(judge, story.drained(), kills, seed, network.means());
        }
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
}
