package dev.holdfast.cli.device;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.Value;
import dev.holdfast.device.DeviceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Takes in a file that was carried by hand. */
@Command(
        name = "import",
        description =
                "Takes in what another device exported, all of it or nothing, and brings it on as"
                        + " what was written here. The same file twice does nothing.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example: holdfast device import /media/stick/amina.holdfast"})
final class DeviceImportCommand extends DeviceAction {
    private static final String REMEDY =
            "copy it again from where it was exported, or export it anew";

    @Parameters(paramLabel = "FILE", description = "That \"device export\" made.")
    private Path file = Path.of("");

    @Override
    int run(OpenDevice open) {
        long operations;
        Bytes bundle = Bytes.wrap(read());
        try {
            operations = open.device().importBundle(bundle);
        } catch (DeviceException e) {
            throw new Failure(
                    "nothing of " + file + " was taken in",
                    String.valueOf(e.getMessage()),
                    REMEDY,
                    e);
        }
        if (json()) {
            print(Value.from(Map.of("file", file.toString(), "operations", operations)));
        } else if (operations == 0) {
            out().println("All of it was here already.");
        } else {
            String are = operations == 1 ? "change is" : "changes are";
            out().println(
                            String.format(Locale.ROOT, "%,d %s new here.", operations, are)
                                    + " What is new goes on when there is a network.");
        }
        return 0;
    }

    private byte[] read() {
        try {
            if (Files.size(file) > Limits.BUNDLE_BYTES)
                throw new Failure(
                        "nothing of " + file + " was taken in",
                        "it is longer than any file that was exported",
                        REMEDY);
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new Failure(
                    "cannot read " + file,
                    String.valueOf(e.getMessage()),
                    "name the file that \"holdfast device export\" made",
                    e);
        }
    }
}
