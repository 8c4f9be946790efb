package dev.holdfast.drill.faults;

import dev.holdfast.drill.rings.Demands;
import dev.holdfast.drill.rings.Drill;
import dev.holdfast.drill.rings.Scene;
import dev.holdfast.drill.rings.Story;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Every process is killed, and is stopped for a while, at moments that nobody chose. */
@Command(
        name = "kill",
        description =
                "Kills every process with kill -9, and stops every one for a while, at random moments"
                        + " while everybody writes.",
        footer = {
            "",
            "Devices, edge, the region's own process, its RocketMQ, its PostgreSQL, and the region with all"
                    + " that. Some stops are longer than the peers' patience. It takes eight minutes or so.",
            "Example: holdfast drill kill --times 100"
        })
public final class KillDrill extends Drill {
    private int times;

    @Option(
            names = "--times",
            defaultValue = "24",
            description =
                    "How many kills and stops together, "
                            + Turmoil.ALL
                            + " or more (default: ${DEFAULT-VALUE}).")
    void times(int times) {
        this.times = atLeast(Turmoil.ALL, "--times", times, "somebody would be left out");
    }

    @Override
    protected int parts() {
        return times + 1;
    }

    @Override
    protected Demands demands() {
        return new Demands(Demands.ALL.kills(), Demands.Blow.KILL, false, false);
    }

    @Override
    protected Story story(Scene scene) {
        return new Turmoil(scene, times);
    }

    @Override
    protected String next() {
        return "holdfast drill kill --times 100";
    }
}
