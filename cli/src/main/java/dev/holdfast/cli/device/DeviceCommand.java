package dev.holdfast.cli.device;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.cli.output.Times;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.device.Device;
import dev.holdfast.device.DeviceSettings;
import dev.holdfast.keys.KeysException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Groups the commands of the shell's device; holds the options that all of them know. */
@Command(
        name = "device",
        description =
                "A small device for the shell: what it writes is saved in its folder at once, and"
                        + " sent when there is a network.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Example: holdfast device --store data/devices/amina put patients p1 name='Amina"
                    + " Yusuf' age=31",
            "",
            "How far a write has got is shown by five dots: saved on this device, safe at the local"
                    + " station, safe in the cloud, in the record, in two regions."
        })
public final class DeviceCommand {
    static final String DEFAULT_STORE = "data/devices/default";

    @Option(
            names = "--store",
            paramLabel = "FOLDER",
            defaultValue = DEFAULT_STORE,
            scope = ScopeType.INHERIT,
            description = "The device's folder (default: ${DEFAULT-VALUE}).")
    private Path store = Path.of(DEFAULT_STORE);

    @Option(
            names = "--scope",
            paramLabel = "SCOPE",
            scope = ScopeType.INHERIT,
            description = "The scope to work in (default: the one it was enrolled with).")
    private Optional<String> scope = Optional.empty();

    @Option(
            names = "--offline",
            scope = ScopeType.INHERIT,
            description = "Do not look for a network.")
    private boolean offline;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "2s",
            scope = ScopeType.INHERIT,
            converter = DurationConverter.class,
            description =
                    "How long to wait for the network at most, such as 500ms or 30s (default:"
                            + " ${DEFAULT-VALUE}).")
    private Duration timeout = Duration.ofSeconds(2);

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "JSON, a line each.")
    private boolean json;

    private DeviceCommand() {}

    public static CommandLine line() {
        return new CommandLine(new DeviceCommand())
                .addSubcommand(new DeviceInitCommand())
                .addSubcommand(new DevicePutCommand())
                .addSubcommand(new DevicePatchCommand())
                .addSubcommand(new DeviceIncrementCommand())
                .addSubcommand(new DeviceAddCommand())
                .addSubcommand(new DeviceRemoveCommand())
                .addSubcommand(new DeviceDeleteCommand())
                .addSubcommand(new DeviceGetCommand())
                .addSubcommand(new DeviceListCommand())
                .addSubcommand(new DeviceWatchCommand())
                .addSubcommand(new DeviceStatusCommand())
                .addSubcommand(new DeviceConflictsCommand())
                .addSubcommand(new DeviceResolveCommand())
                .addSubcommand(new DeviceRejectionsCommand())
                .addSubcommand(new DeviceSyncCommand())
                .addSubcommand(new DeviceExportCommand())
                .addSubcommand(new DeviceImportCommand());
    }

    DeviceFolder folder() {
        return new DeviceFolder(store);
    }

    boolean json() {
        return json;
    }

    boolean offline() {
        return offline;
    }

    Duration timeout() {
        return timeout;
    }

    Optional<String> scope() {
        return scope;
    }

    /** Opens the device, which then looks for the network unless it is told not to. */
    OpenDevice open() {
        DeviceFolder folder = folder();
        if (!folder.isEnrolled()) throw notEnrolled(folder);
        DeviceFolder.Settings enrolled = folder.settings();
        DeviceSettings settings = folder.deviceSettings();
        if (!offline) settings = folder.online(settings, enrolled.endpoints());
        String name = scope.orElse(enrolled.scope());
        requireNamed(folder, name);
        Device device = Device.open(settings);
        return new OpenDevice(device, device.scope(name), offline, timeout);
    }

    /** A scope that the grant does not name would stay empty for ever, without a word. */
    private static void requireNamed(DeviceFolder folder, String scope) {
        Grant grant = folder.grant().grant();
        if (grant.names(scope)) return;
        throw new Failure(
                "this device has nothing to do with the scope " + scope,
                "its grant names "
                        + grant.rights().stream()
                                .map(Grant.Right::scope)
                                .collect(Collectors.joining(", ")),
                "--scope with one of them, or another grant: holdfast grant issue --help");
    }

    private Failure notEnrolled(DeviceFolder folder) {
        return new Failure(
                "the device in " + store + " is not enrolled",
                folder.isInitialised() ? "it has a key, but no grant" : "there is no device there",
                others().map(other -> "--store " + other + ", which is; or ").orElse("")
                        + "holdfast device init --store "
                        + store);
    }

    /** A device beside this one that is enrolled. */
    private Optional<Path> others() {
        Path beside = store.resolveSibling(".").normalize();
        if (!Files.isDirectory(beside)) return Optional.empty();
        try (Stream<Path> folders = Files.list(beside)) {
            return folders.filter(each -> new DeviceFolder(each).isEnrolled()).sorted().findFirst();
        } catch (IOException e) {
            throw new KeysException("Cannot list " + beside, e);
        }
    }

    /** For picocli, whose own form is PT30S. */
    static final class DurationConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            return Times.parse(text);
        }
    }
}
