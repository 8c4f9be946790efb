package dev.holdfast.drill.rings;

import dev.holdfast.cli.trust.Deployment;
import dev.holdfast.cli.trust.GrantText;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.net.Network;
import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.process.JavaProgram;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeyFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The devices of the clinic, each enrolled before it starts. Used by one thread, but for closing.
 */
public final class Devices implements AutoCloseable {
    /** What devices may write. */
    public static final List<String> COLLECTIONS = List.of("patients", "vitals", "visits", "notes");

    private static final long SEEDS_PER_DEVICE = 1_000_000;

    private final Network network;
    private final Path folder;
    private final Deployment deployment;
    private final long seed;
    private final List<DeviceProcess> all = new ArrayList<>();
    private List<String> nameServers = List.of();

    /**
     * @param folder holds a folder for each device, and one for their logs
     * @param seed of all that they write
     */
    Devices(Network network, Path folder, Deployment deployment, long seed) {
        this.network = network;
        this.folder = folder;
        this.deployment = deployment;
        this.seed = seed;
    }

    /**
     * Enrols a device and starts it.
     *
     * @param ledger is told what its user is told
     */
    public DeviceProcess start(String name, Host host, URI endpoint, Ledger ledger) {
        return start(name, host, endpoint, Duration.ZERO, ledger);
    }

    /** The same with a clock that is {@code ahead}. */
    public DeviceProcess start(
            String name, Host host, URI endpoint, Duration ahead, Ledger ledger) {
        return start(name, folder.resolve(name), host, endpoint, ahead, ledger);
    }

    /** The same with the store in a folder of its own choice. */
    public DeviceProcess start(String name, Path store, Host host, URI endpoint, Ledger ledger) {
        return start(name, store, host, endpoint, Duration.ZERO, ledger);
    }

    private DeviceProcess start(
            String name, Path store, Host host, URI endpoint, Duration ahead, Ledger ledger) {
        KeyFile key = new KeyFile(store.resolve("replica.key"));
        GrantText.write(
                grant(name),
                deployment.grant(
                        key.loadOrCreate(Entropy.system()).publicKey(),
                        name,
                        Grant.Role.DEVICE,
                        List.of(new Grant.Right(Rings.SCOPE, true, COLLECTIONS)),
                        Rings.VALIDITY,
                        Rings.VALIDITY));
        return run(name, store, grant(name), host, endpoint, ahead, ledger);
    }

    /**
     * Copies the whole folder of a device, which must not be running, and starts the copy: two of
     * the same key.
     */
    public DeviceProcess clone(
            DeviceProcess original, String name, Host host, URI endpoint, Ledger ledger) {
        Path copy = folder.resolve(name);
        try (Stream<Path> files = Files.list(original.folder())) {
            Files.createDirectory(copy);
            for (Path file : files.toList()) {
                Path same = copy.resolve(original.folder().relativize(file));
                Files.copy(file, same, StandardCopyOption.COPY_ATTRIBUTES);
            }
        } catch (IOException e) {
            throw new DrillException("copying the folder of " + original.name(), e);
        }
        return run(name, copy, grant(original.name()), host, endpoint, Duration.ZERO, ledger);
    }

    private DeviceProcess run(
            String name,
            Path store,
            Path grant,
            Host host,
            URI endpoint,
            Duration ahead,
            Ledger ledger) {
        long first = SEEDS_PER_DEVICE * (all.size() + 1) + seed % 1_000 * 1_000;
        DeviceProcess.Command command =
                (life, whereTo, clockAhead) -> {
                    List<String> whole = new ArrayList<>(network.on(host));
                    whole.addAll(
                            JavaProgram.command(
                                    DeviceMain.class.getName(),
                                    Rings.SMALL_OPTIONS,
                                    List.of(
                                            store.toString(),
                                            whereTo.toString(),
                                            deployment.caCertificate().toString(),
                                            grant.toString(),
                                            deployment
                                                    .folder()
                                                    .resolve(Deployment.GRANTS_PUBLIC)
                                                    .toString(),
                                            Long.toString(first + life),
                                            Long.toString(clockAhead.toMillis()),
                                            String.join(",", nameServers))));
                    return whole;
                };
        Path log = folder.resolve("log").resolve(name + ".log");
        DeviceProcess device =
                new DeviceProcess(name, store, log, command, endpoint, ahead, ledger);
        all.add(device);
        return device;
    }

    private Path grant(String device) {
        return folder.resolve(device + ".grant");
    }

    /** Whom those ask for addresses that are started from now on. */
    void ask(List<String> servers) {
        nameServers = List.copyOf(servers);
    }

    /** Those that were started so far. */
    public List<DeviceProcess> all() {
        return List.copyOf(all);
    }

    @Override
    public void close() {
        all().forEach(DeviceProcess::close);
    }
}
