package dev.holdfast.drill;

import dev.holdfast.drill.faults.BackboneDrill;
import dev.holdfast.drill.faults.ClockDrill;
import dev.holdfast.drill.faults.DiskDrill;
import dev.holdfast.drill.faults.EdgeLossDrill;
import dev.holdfast.drill.faults.FlickerDrill;
import dev.holdfast.drill.faults.KillDrill;
import dev.holdfast.drill.faults.OneWayDrill;
import dev.holdfast.drill.faults.PowerDrill;
import dev.holdfast.drill.faults.RegionLossDrill;
import dev.holdfast.drill.faults.SteerDrill;
import dev.holdfast.drill.faults.TablesDrill;
import dev.holdfast.drill.herd.HerdDrill;
import dev.holdfast.drill.rings.AllDrills;
import dev.holdfast.drill.states.StatesDrill;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The group of the drills. */
@Command(
        name = "drill",
        description = "Runs a fault drill: real processes, real faults, judged from the stores.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "What each must show: docs/GUARANTEES.md", "Example: holdfast drill states"})
final class DrillCommand implements Runnable {
    @Spec private CommandSpec spec;

    private DrillCommand() {}

    static CommandLine line() {
        return new CommandLine(new DrillCommand())
                .addSubcommand(new StatesDrill())
                .addSubcommand(new FlickerDrill())
                .addSubcommand(new OneWayDrill())
                .addSubcommand(new KillDrill())
                .addSubcommand(new PowerDrill())
                .addSubcommand(new DiskDrill())
                .addSubcommand(new EdgeLossDrill())
                .addSubcommand(new RegionLossDrill())
                .addSubcommand(new SteerDrill())
                .addSubcommand(new TablesDrill())
                .addSubcommand(new BackboneDrill())
                .addSubcommand(new ClockDrill())
                .addSubcommand(new HerdDrill())
                .addSubcommand(new AllDrills());
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
