package dev.holdfast.drill.states;

import dev.holdfast.drill.rings.Demands;
import dev.holdfast.drill.rings.Drill;
import dev.holdfast.drill.rings.Scene;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Takes a clinic of real processes through the four states, and judges it. */
@Command(
        name = "states",
        description =
                "Takes real processes through a normal day, a gateway cut, a blackout and the"
                        + " reconnection, kills them in the middle, and judges what their stores hold.",
        footer = {
            "",
            "As root it cuts links between network namespaces, else between processes by proxies; it"
                    + " says which. It takes four minutes or so.",
            "Example: holdfast drill states --kills 100"
        })
public final class StatesDrill extends Drill {
    @Option(
            names = "--kills",
            defaultValue = "10",
            description = "Further kills, of anybody at any moment (default: ${DEFAULT-VALUE}).")
    private int kills = 10;

    @Override
    protected int parts() {
        return FourStates.PARTS + kills;
    }

    @Override
    protected Demands demands() {
        return Demands.ALL;
    }

    @Override
    protected FourStates story(Scene scene) {
        return new FourStates(scene, kills);
    }

    @Override
    protected String next() {
        return "holdfast drill states --kills 100";
    }
}
