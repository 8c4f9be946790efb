package dev.holdfast.cli.device;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.device.DeviceException;
import dev.holdfast.keys.DurableFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes what waits into a file that is carried by hand. */
@Command(
        name = "export",
        description =
                "Writes all that this device answers for into a file, to be carried to another"
                        + " device where no network is. Its own copy stays, and is sent when there"
                        + " is a network: nothing counts twice.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: holdfast device export /media/stick/amina.holdfast"})
final class DeviceExportCommand extends DeviceAction {
    @Parameters(paramLabel = "FILE", description = "Is made; others may read it.")
    private Path file = Path.of("");

    @Option(names = "--overwrite", description = "Replace the file where there is one.")
    private boolean overwrite;

    @Override
    int run(OpenDevice open) {
        if (Files.exists(file) && !overwrite)
            throw new Failure(
                    file + " is there already",
                    "it may hold what nobody has taken in yet",
                    "another name, or --overwrite");
        Bytes bundle;
        try {
            bundle = open.device().exportBundle();
        } catch (DeviceException e) {
            throw new Failure(
                    "nothing was exported",
                    String.valueOf(e.getMessage()),
                    again("sync --timeout 30s") + ", where there is a network",
                    e);
        }
        DurableFile.write(file, bundle.toArray(), DurableFile.Readers.EVERYBODY);
        if (json()) {
            print(Value.from(Map.of("file", file.toString(), "bytes", bundle.size())));
        } else {
            out().println(String.format(Locale.ROOT, "%s, %,d bytes", file, bundle.size()));
            out().println("Next, on the other device: holdfast device import " + file);
        }
        return 0;
    }
}
