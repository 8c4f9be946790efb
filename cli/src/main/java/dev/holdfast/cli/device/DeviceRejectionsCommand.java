package dev.holdfast.cli.device;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.output.Table;
import dev.holdfast.core.Value;
import dev.holdfast.device.RejectedWrite;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows refused writes, and settles them. */
@Command(
        name = "rejections",
        description = {
            "Shows the writes that were not accepted. What is refused for good still stands on this"
                    + " device, and nowhere else, until it is taken back or written again; what only"
                    + " an edge would not take is sent again by itself."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example: holdfast device rejections --discard 1"})
final class DeviceRejectionsCommand extends DeviceAction {
    /** At most one of them. */
    static final class What {
        @Option(
                names = "--discard",
                paramLabel = "N",
                description = "Take back, here, what the N-th write left standing.")
        private OptionalInt discard = OptionalInt.empty();

        @Option(
                names = "--again",
                paramLabel = "N",
                description = "Send the N-th again, now that the reason is gone.")
        private OptionalInt again = OptionalInt.empty();
    }

    @ArgGroup private What what = new What();

    @Override
    int run(OpenDevice open) {
        List<RejectedWrite> all = open.scope().rejections();
        if (what.discard.isPresent()) {
            open.scope().discard(nth(all, what.discard.getAsInt()));
            out().println("Taken back on this device.");
            return 0;
        }
        if (what.again.isPresent()) {
            open.scope().writeAgain(nth(all, what.again.getAsInt()));
            out().println("Written again. Next: " + again("sync"));
            return 0;
        }
        if (json()) {
            all.forEach(each -> print(asJson(each)));
        } else if (all.isEmpty()) {
            out().println("Nothing was refused.");
        } else {
            Table table = Table.headed("N", "DOCUMENTS", "CODE", "FOR GOOD", "REASON");
            for (int i = 0; i < all.size(); i++) {
                RejectedWrite each = all.get(i);
                table.row(
                        Integer.toString(i + 1),
                        documents(each),
                        each.code().text(),
                        each.settled() ? "yes" : "no, is sent again",
                        each.reason());
            }
            out().println(table.text(style()));
            out().println(
                            "\nNext: "
                                    + again("rejections --discard N")
                                    + ", or --again N once the reason is gone");
        }
        return 0;
    }

    private RejectedWrite nth(List<RejectedWrite> all, int number) {
        if (number < 1 || number > all.size()) {
            throw new Failure(
                    "there is no refused write number " + number,
                    all.size() + " are there",
                    again("rejections"));
        }
        RejectedWrite rejected = all.get(number - 1);
        if (!rejected.settled()) {
            throw new Failure(
                    "write number " + number + " is not refused for good",
                    "only an edge would not take it, and it may be taken elsewhere yet",
                    again("sync") + ", with another edge or a renewed grant");
        }
        return rejected;
    }

    private static String documents(RejectedWrite rejected) {
        return rejected.documents().stream()
                .map(each -> each.collection() + "/" + each.id())
                .collect(Collectors.joining(", "));
    }

    private static Value asJson(RejectedWrite rejected) {
        return Value.from(
                Map.of(
                        "documents",
                                rejected.documents().stream()
                                        .map(each -> each.collection() + "/" + each.id())
                                        .toList(),
                        "code", rejected.code().text(),
                        "reason", rejected.reason(),
                        "settled", rejected.settled()));
    }
}
