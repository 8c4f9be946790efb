package dev.holdfast.cli.mirror;

import static dev.holdfast.cli.output.Said.at;
import static dev.holdfast.cli.output.Said.flag;
import static dev.holdfast.cli.output.Said.number;
import static dev.holdfast.cli.output.Said.text;

import dev.holdfast.cli.output.Style;
import dev.holdfast.cli.output.Table;
import dev.holdfast.cli.output.Times;
import dev.holdfast.core.Value;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;

/** Shows how a region stands with its peers. */
@Command(
        name = "status",
        description =
                "Shows of each peer whether it is followed, and how far behind it this region is.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: holdfast mirror status --settings singapore.yaml"})
final class MirrorStatusCommand extends MirrorAction {
    /** What a process says every second counts for so long. */
    private static final Duration FRESH = Duration.ofSeconds(15);

    @Override
    int run(OwnRegion region) throws IOException, InterruptedException {
        Value status = region.status();
        if (json()) {
            print(status);
            return 0;
        }
        List<Value> peers =
                at(status, "peers")
                        .map(all ->
                                all instanceof Value.Array array ? array.items() : List.<Value>of())
                        .orElse(List.of());
        if (peers.isEmpty()) {
            out().println(
                            "This region has no peers. They are named by mirror.peers in its settings.");
            return 0;
        }
        // By the region's own clock: what it says of times is by that.
        Instant now = Instant.parse(text(status, "now"));
        Table table = Table.headed("PEER", "STATE", "BEHIND", "LAST PAGE", "TAKEN IN");
        for (Value peer : peers) {
            table.row(
                    text(peer, "peer"),
                    state(peer, now),
                    behind(peer, now),
                    at(peer, "report", "last-page").map(at -> relative(at, now)).orElse("none yet"),
                    taken(peer));
        }
        out().println(table.text(style()));
        for (Value peer : peers) {
            String reason = text(peer, "report", "reason");
            if (!reason.isEmpty()) out().println("\n" + text(peer, "peer") + ": " + reason);
            String unknown = text(peer, "report", "lag", "unknown");
            if (!unknown.isEmpty() && !unknown.equals(reason))
                out().println("\n" + text(peer, "peer") + ": " + unknown);
        }
        out().println();
        out().println("Next: " + again("verify " + text(peers.getFirst(), "peer")));
        return 0;
    }

    private String state(Value peer, Instant now) {
        Style style = style();
        Optional<Value> paused = at(peer, "paused");
        if (paused.isPresent()) return style.warning("paused " + relative(paused.get(), now));
        if (!isFresh(peer, now)) return style.alarm("unknown: " + silence(peer, now));
        String since = at(peer, "report", "since").map(at -> relative(at, now)).orElse("");
        return switch (text(peer, "report", "state")) {
            case "following" -> style.good("following since " + since);
            case "refused" -> style.alarm("refused since " + since);
            // Somebody resumed it a moment ago.
            case "paused" -> style.warning("about to be followed");
            default -> style.warning("waiting since " + since);
        };
    }

    private static String silence(Value peer, Instant now) {
        return at(peer, "reported")
                .map(at -> "no process with the role mirror has spoken since " + relative(at, now))
                .orElse("no process with the role mirror has ever run");
    }

    private static boolean isFresh(Value peer, Instant now) {
        return at(peer, "reported")
                .filter(at -> Instant.parse(text(at)).plus(FRESH).isAfter(now))
                .isPresent();
    }

    private String behind(Value peer, Instant now) {
        Optional<Value> lag = at(peer, "report", "lag");
        if (lag.isEmpty() || !isFresh(peer, now) || at(lag.get(), "operations").isEmpty())
            return "unknown";
        long operations = number(lag.get(), "operations");
        if (operations == 0) return flag(lag.get(), "exact") ? "nothing" : "not looked through yet";
        String seconds = text(lag.get(), "seconds");
        Duration oldest = Duration.ofMillis((long) (1_000 * Double.parseDouble(seconds)));
        return (flag(lag.get(), "exact") ? "" : "at least ")
                + counted(operations, "operation")
                + " in "
                + counted(number(lag.get(), "batches"), "batch")
                + (oldest.isZero() ? "" : ", the oldest for " + Times.span(oldest));
    }

    private static String taken(Value peer) {
        long batches = number(peer, "report", "batches");
        return counted(batches, "batch")
                + ", "
                + String.format(Locale.ROOT, "%,d", number(peer, "report", "same"))
                + " of them here before";
    }

    private static String counted(long count, String what) {
        String many = what.endsWith("h") ? what + "es" : what + "s";
        return String.format(Locale.ROOT, "%,d %s", count, count == 1 ? what : many);
    }

    private static String relative(Value at, Instant now) {
        return Times.relative(Instant.parse(text(at)), now);
    }
}
