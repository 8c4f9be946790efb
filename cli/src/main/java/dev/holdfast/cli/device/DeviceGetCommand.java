package dev.holdfast.cli.device;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.device.DocumentView;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows a document. */
@Command(
        name = "get",
        description = "Shows a document, after taking in what others wrote.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: holdfast device get patients p1"})
final class DeviceGetCommand extends DeviceAction {
    @Parameters(index = "0", paramLabel = "COLLECTION", description = "Such as patients.")
    private String collection;

    @Parameters(index = "1", paramLabel = "ID", description = "The document's id within it.")
    private String id;

    @Override
    int run(OpenDevice open) throws InterruptedException {
        CatchUpDriver.run(open, collection);
        Optional<DocumentView> found = open.scope().get(collection, id);
        if (found.isEmpty()) {
            throw new Failure(
                    "there is no " + collection + "/" + id + " on this device",
                    "nobody wrote it in " + open.scope().name() + ", or it has not come here yet",
                    again("list " + collection));
        }
        DocumentView document = found.get();
        if (json()) {
            print(Shown.json(document));
        } else {
            String state = Shown.state(document);
            out().println(
                            style().bold(collection + "/" + id)
                                    + (state.isEmpty() ? "" : "  " + state));
            out().println(Shown.fields(document).text(style()));
        }
        return 0;
    }
}
