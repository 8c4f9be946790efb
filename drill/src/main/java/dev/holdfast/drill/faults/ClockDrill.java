package dev.holdfast.drill.faults;

import dev.holdfast.drill.rings.Drill;
import dev.holdfast.drill.rings.Scene;
import dev.holdfast.drill.rings.Story;
import picocli.CommandLine.Command;

/** Clocks of devices and edge that are wrong by hours and days, and are set while all run. */
@Command(
        name = "clock",
        description =
                "Puts the clocks of devices and of the edge hours and days off, and sets them while"
                        + " everybody writes.",
        footer = {
            "",
            "The edge runs under libfaketime (apt-get install faketime). It takes five minutes or so.",
            "Example: holdfast drill clock --json"
        })
public final class ClockDrill extends Drill {
    @Override
    protected int parts() {
        return WrongClocks.PARTS;
    }

    @Override
    protected Story story(Scene scene) {
        return new WrongClocks(scene);
    }

    @Override
    protected String next() {
        return "holdfast drill kill";
    }
}
