package dev.holdfast.cli.device;

import dev.holdfast.cli.output.Level;
import dev.holdfast.cli.output.Table;
import dev.holdfast.cli.output.Times;
import dev.holdfast.core.Value;
import dev.holdfast.device.DeviceStatus;
import dev.holdfast.store.link.LinkStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;

/** Shows how the device is doing. */
@Command(
        name = "status",
        description = "Shows who the device is, whether it reaches anybody, and what waits on it.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: holdfast device status --json"})
final class DeviceStatusCommand extends DeviceAction {
    private static final int PENDING_SHOWN = 10;

    @Override
    int run(OpenDevice open) throws InterruptedException {
        CatchUpDriver.run(open, "");
        DeviceStatus status = open.device().status();
        if (json()) print(asJson(open, status));
        else people(open, status);
        return 0;
    }

    private void people(OpenDevice open, DeviceStatus status) {
        Instant now = Instant.now();
        Table table =
                Table.plain()
                        .row("device", status.subject().orElse("without a grant"))
                        .row("replica", status.replica().toString())
                        .row("public key", open.device().publicKey().hex())
                        .row("scope", open.scope().name())
                        .row("network", network(status.link()))
                        .row("waiting", waiting(status, now));
        if (status.rejections() > 0) {
            table.row("refused", status.rejections() + "; see: " + again("rejections"));
        }
        if (status.clockAhead().compareTo(Duration.ZERO) > 0) {
            table.row("clock", Times.span(status.clockAhead()) + " ahead of the region's; set it");
        }
        out().println(table.text(style()));
        Table pending = Table.headed("DOCUMENT", "HOW FAR");
        for (var document : open.scope().pending(PENDING_SHOWN)) {
            open.scope()
                    .durability(document.collection(), document.id())
                    .ifPresent(level ->
                            pending.row(
                                    document.collection() + "/" + document.id(),
                                    Level.shown(level)));
        }
        if (!pending.isEmpty()) out().println("\n" + pending.text(style()));
    }

    private static String network(LinkStatus link) {
        return switch (link) {
            case LinkStatus.Connected up ->
                    "Connected to the " + Level.word(up.level()) + " at " + up.endpoint();
            case LinkStatus.Disconnected down -> "No network: " + down.reason();
        };
    }

    private static String waiting(DeviceStatus status, Instant now) {
        long count = status.unsyncedOperations();
        if (count == 0) return "nothing that is only on this device";
        return String.format(
                        Locale.ROOT,
                        "%,d %s on this device",
                        count,
                        count == 1 ? "write" : "writes")
                + status.oldestUnsynced()
                        .map(since -> ", the oldest from " + Times.relative(since, now))
                        .orElse("");
    }

    private static Value asJson(OpenDevice open, DeviceStatus status) {
        Map<String, Object> line = new TreeMap<>();
        status.subject().ifPresent(subject -> line.put("subject", subject));
        line.put("replica", status.replica().toString());
        line.put("public-key", open.device().publicKey().hex());
        line.put("scope", open.scope().name());
        line.put("connected", status.link() instanceof LinkStatus.Connected);
        line.put("network", network(status.link()));
        line.put("unsynced-operations", status.unsyncedOperations());
        line.put("unsynced-bytes", status.unsyncedBytes());
        line.put("rejections", status.rejections());
        line.put("clock-ahead-seconds", status.clockAhead().toSeconds());
        return Value.from(line);
    }
}
