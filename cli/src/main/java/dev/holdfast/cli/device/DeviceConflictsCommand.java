package dev.holdfast.cli.device;

import dev.holdfast.cli.output.Table;
import dev.holdfast.device.DocumentView;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows conflicts. */
@Command(
        name = "conflicts",
        description = "Shows the documents of a collection with values written at the same time.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: holdfast device conflicts patients"})
final class DeviceConflictsCommand extends DeviceAction {
    @Parameters(paramLabel = "COLLECTION", description = "Such as patients.")
    private String collection;

    @Override
    int run(OpenDevice open) throws InterruptedException {
        CatchUpDriver.run(open, collection);
        List<DocumentView> conflicted =
                open.scope().query(collection).list().stream()
                        .filter(DocumentView::isConflicted)
                        .toList();
        if (json()) {
            conflicted.forEach(document -> print(Shown.json(document)));
            return 0;
        }
        Table table = Table.headed("ID", "FIELD", "SHOWN", "ALSO WRITTEN");
        for (DocumentView document : conflicted) {
            document.conflicts()
                    .forEach((path, others) ->
                            table.row(
                                    document.id(),
                                    path,
                                    document.value(path).map(Fields::shown).orElse(""),
                                    others.stream()
                                            .map(other -> Fields.shown(other.value()))
                                            .collect(Collectors.joining(", "))));
        }
        if (table.isEmpty()) {
            out().println("No conflicts in " + collection + ".");
        } else {
            out().println(table.text(style()));
            out().println("\nNext: " + again("resolve " + collection + " ID FIELD VALUE"));
        }
        return 0;
    }
}
