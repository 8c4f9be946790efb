package dev.holdfast.cli.device;

import dev.holdfast.cli.output.Level;
import dev.holdfast.cli.output.Progress;
import dev.holdfast.cli.output.Times;
import dev.holdfast.core.Value;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.device.DeviceStatus;
import dev.holdfast.store.link.LinkStatus;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Sends what waits, and takes in what others wrote. */
@Command(
        name = "sync",
        description = "Sends what waits on this device, and takes in what others wrote.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:every write of the scope has got as far as --wait says",
            "1:not all, within --timeout"
        },
        footer = {"", "Example: holdfast device sync --wait region --timeout 30s"})
final class DeviceSyncCommand extends DeviceAction {
    private static final Duration LOOK = Duration.ofMillis(50);
    private static final int PAGE = 100_000;

    @Option(
            names = "--wait",
            paramLabel = "LEVEL",
            defaultValue = "edge",
            description = "edge, region or applied (default: ${DEFAULT-VALUE}).")
    private Durability wanted = Durability.EDGE;

    @Override
    int run(OpenDevice open) throws InterruptedException {
        long end = System.nanoTime() + open.timeout().toNanos();
        long left = behind(open);
        try (Progress progress = Progress.of("Sending", Math.toIntExact(left), err())) {
            long before = left;
            while (left > 0 || !reached(open)) {
                if (System.nanoTime() - end >= 0) break;
                progress.at(words(open, left));
                Thread.sleep(LOOK);
                left = behind(open);
                for (; before > left; before--) progress.step();
            }
        }
        if (left == 0 && reached(open)) CatchUpDriver.run(open, "");
        tell(open, left);
        return left == 0 && reached(open) ? 0 : 1;
    }

    private void tell(OpenDevice open, long behind) {
        DeviceStatus status = open.device().status();
        if (json()) {
            print(
                    Value.from(
                            Map.of(
                                    "connected",
                                    status.link() instanceof LinkStatus.Connected,
                                    "level",
                                    Level.word(wanted),
                                    "documents-behind",
                                    behind,
                                    "unsynced-operations",
                                    status.unsyncedOperations())));
        } else if (status.link() instanceof LinkStatus.Disconnected down) {
            out().println(
                            "Nobody was reached in "
                                    + Times.span(open.timeout())
                                    + ": "
                                    + down.reason());
            out().println(records(behind) + " not yet sent from this device.");
            out().println("Next: " + again("sync --timeout 30s"));
        } else if (behind > 0) {
            out().println(records(behind) + " not yet as far as " + Level.word(wanted) + ".");
            out().println("Next: " + again("sync --wait " + Level.word(wanted) + " --timeout 30s"));
        } else {
            out().println("Everything is as far as this: " + Level.shown(wanted));
        }
    }

    private static boolean reached(OpenDevice open) {
        return open.device().status().link() instanceof LinkStatus.Connected;
    }

    private static String words(OpenDevice open, long behind) {
        return reached(open) ? records(behind) : "looking for the network";
    }

    private static String records(long count) {
        return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? "record" : "records");
    }

    /** Documents with writes of this device that are not that far. */
    private long behind(OpenDevice open) {
        List<DocumentId> pending = open.scope().pending(PAGE);
        return pending.stream()
                .filter(each ->
                        open.scope()
                                .durability(each.collection(), each.id())
                                .map(level -> !level.reaches(wanted))
                                .orElse(false))
                .count();
    }
}
