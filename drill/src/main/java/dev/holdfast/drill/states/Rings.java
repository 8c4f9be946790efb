package dev.holdfast.drill.states;

import dev.holdfast.cli.node.SettingsTemplate;
import dev.holdfast.cli.trust.Deployment;
import dev.holdfast.cli.trust.GrantText;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.drill.Main;
import dev.holdfast.drill.clinic.ClinicData;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.net.Network;
import dev.holdfast.drill.net.Ports;
import dev.holdfast.drill.process.Child;
import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.process.JavaProgram;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeyFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/**
 * The three rings of a clinic as real processes: two devices at an edge, one abroad at the region,
 * the edge, the region with its broker and its PostgreSQL. Each runs as its user would run it, from
 * a settings file, and can be killed and started again. Used by one thread.
 */
final class Rings implements AutoCloseable {
    static final String SCOPE = "clinic-7";

    private static final String EDGE = "edge-1";
    private static final String REGION = "singapore";
    private static final Duration VALIDITY = Duration.ofDays(30);
    private static final Duration GRACE = Duration.ofDays(30);
    private static final Duration START_PATIENCE = Duration.ofMinutes(3);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);
    private static final List<String> NODE_OPTIONS =
            List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError");
    private static final List<String> SMALL_OPTIONS =
            List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    /** RocketMQ takes three ports in a row around its own, and the name server one. */
    private static final int PORTS = 8;

    private final Network network;
    private final Path folder;
    private final long seed;
    private final Ledger ledger;
    private final Consumer<String> progress;
    private final Deployment deployment;
    private final int ports;
    private final List<Device> devices = new ArrayList<>();
    private volatile boolean started;
    private Optional<Child> edge = Optional.empty();
    private Optional<Child> region = Optional.empty();
    private Optional<Database> database = Optional.empty();

    /**
     * Makes keys, certificates and settings; starts nothing yet.
     *
     * @param folder everything is kept here; every user of the machine must be able to enter it,
     *     since PostgreSQL does not run as root
     */
    Rings(Network network, Path folder, long seed, Ledger ledger, Consumer<String> progress) {
        this.network = network;
        this.folder = folder;
        this.seed = seed;
        this.ledger = ledger;
        this.progress = progress;
        this.ports = Ports.free(PORTS, new Random());
        deployment =
                Deployment.create(
                        folder.resolve("keys"), "drill", Entropy.system(), InstantSource.system());
        node(EDGE, Grant.Role.EDGE, Host.EDGE);
        node(REGION, Grant.Role.REGION, Host.CLOUD);
        writeSettings();
    }

    private void node(String name, Grant.Role role, Host host) {
        deployment.issue(name, role, List.of(network.address(host), "localhost"), VALIDITY, GRACE);
    }

    private void writeSettings() {
        try {
            Path schema = folder.resolve("schema.json");
            Files.writeString(schema, ClinicData.SCHEMA_JSON);
            Files.writeString(
                    settings(REGION),
                    SettingsTemplate.REGION.filled(
                                    Map.of(
                                            "file", settings(REGION).toString(),
                                            "data", data(REGION).toString(),
                                            "keys", deployment.node(REGION).folder().toString(),
                                            "host", network.address(Host.CLOUD),
                                            "port", Integer.toString(regionPort()),
                                            "database-port", Integer.toString(ports + 2),
                                            "namesrv-port", Integer.toString(ports + 3),
                                            "broker-port", Integer.toString(ports + 6)))
                            + "\nschema: "
                            + schema
                            + "\nfree-disk: 64MiB\n");
            Files.writeString(
                    settings(EDGE),
                    SettingsTemplate.EDGE.filled(
                            Map.of(
                                    "file", settings(EDGE).toString(),
                                    "data", data(EDGE).toString(),
                                    "keys", deployment.node(EDGE).folder().toString(),
                                    "host", network.address(Host.EDGE),
                                    "port", Integer.toString(edgePort()),
                                    "region",
                                            network.endpoint(Host.EDGE, Host.CLOUD, regionPort())
                                                    .toString())));
        } catch (IOException e) {
            throw new DrillException("writing the settings of the nodes", e);
        }
    }

    /** Starts everything; minutes at most, when PostgreSQL is unpacked on a slow machine. */
    void start() {
        startRegion();
        startEdge();
        device("amina", Host.DEVICE_A, network.endpoint(Host.DEVICE_A, Host.EDGE, edgePort()));
        device("bashir", Host.DEVICE_A, network.endpoint(Host.DEVICE_A, Host.EDGE, edgePort()));
        device("chidi", Host.DEVICE_B, network.endpoint(Host.DEVICE_B, Host.CLOUD, regionPort()));
        devices.forEach(Device::awaitReady);
        List<String> reader = new ArrayList<>(network.on(Host.CLOUD));
        Path password = data(REGION).resolve("postgres").resolve("password");
        reader.addAll(
                JavaProgram.command(
                        DatabaseMain.class.getName(),
                        SMALL_OPTIONS,
                        List.of(Integer.toString(ports + 2), password.toString())));
        database = Optional.of(new Database(reader, log("database-reader")));
        started = true;
    }

    private void device(String name, Host host, URI endpoint) {
        Path store = data(name);
        Path grant = folder.resolve(name + ".grant");
        GrantText.write(
                grant,
                deployment.grant(
                        new KeyFile(store.resolve("replica.key"))
                                .loadOrCreate(Entropy.system())
                                .publicKey(),
                        name,
                        Grant.Role.DEVICE,
                        List.of(
                                new Grant.Right(
                                        SCOPE,
                                        true,
                                        List.of("patients", "vitals", "visits", "notes"))),
                        VALIDITY,
                        GRACE));
        long first = 1_000_000L * (devices.size() + 1) + seed % 1_000 * 1_000;
        devices.add(
                new Device(
                        name,
                        host,
                        store,
                        log(name),
                        life -> {
                            List<String> command = new ArrayList<>(network.on(host));
                            command.addAll(
                                    JavaProgram.command(
                                            DeviceMain.class.getName(),
                                            SMALL_OPTIONS,
                                            List.of(
                                                    store.toString(),
                                                    endpoint.toString(),
                                                    deployment.caCertificate().toString(),
                                                    grant.toString(),
                                                    deployment
                                                            .folder()
                                                            .resolve(Deployment.GRANTS_PUBLIC)
                                                            .toString(),
                                                    Long.toString(first + life))));
                            return command;
                        },
                        ledger));
    }

    /** At the edge. */
    Device amina() {
        return devices.get(0);
    }

    /** At the edge. */
    Device bashir() {
        return devices.get(1);
    }

    /** Abroad, at the region. */
    Device chidi() {
        return devices.get(2);
    }

    List<Device> devices() {
        return List.copyOf(devices);
    }

    Database database() {
        return database.orElseThrow(() -> new DrillException("the region was not started yet"));
    }

    int edgePort() {
        return ports;
    }

    int regionPort() {
        return ports + 1;
    }

    void startEdge() {
        edge = Optional.of(node("edge", EDGE, Host.EDGE));
    }

    void startRegion() {
        region = Optional.of(node("region", REGION, Host.CLOUD));
    }

    private Child node(String command, String name, Host host) {
        List<String> whole = new ArrayList<>(network.on(host));
        whole.addAll(
                JavaProgram.command(
                        Main.class.getName(),
                        NODE_OPTIONS,
                        List.of(command, settings(name).toString(), "--lifeline")));
        Child child =
                Child.start(
                        name,
                        whole,
                        log(name),
                        "ready"::equals,
                        line -> {
                            // A restart is the story's to tell.
                            if (!started && line.startsWith("progress "))
                                progress.accept(name + ": " + line.substring(9));
                        });
        child.awaitReady(START_PATIENCE);
        return child;
    }

    /** SIGKILL of the edge. */
    void killEdge() {
        edge.ifPresent(Child::kill9);
    }

    /** SIGKILL of the region, of its broker, and of PostgreSQL, which would outlive it. */
    void killRegion() {
        region.ifPresent(Child::kill9WithChildren);
        Path pid = data(REGION).resolve("postgres").resolve("data").resolve("postmaster.pid");
        try {
            if (!Files.exists(pid)) return;
            // Its workers end when it is gone.
            ProcessHandle.of(Long.parseLong(Files.readAllLines(pid).getFirst().strip()))
                    .filter(process -> process.info().command().orElse("").endsWith("postgres"))
                    .ifPresent(ProcessHandle::destroyForcibly);
        } catch (IOException e) {
            throw new DrillException("reading " + pid, e);
        }
    }

    /** What the edge's files hold. */
    StoreImage edgeImage() {
        try (var files = Files.find(data(EDGE), 3, (path, any) -> path.endsWith("store.db"))) {
            Path database =
                    files.findFirst()
                            .orElseThrow(() -> new DrillException("the edge has no store"));
            return StoreImage.ofSqlite(database.resolveSibling("."), folder);
        } catch (IOException e) {
            throw new DrillException("looking for the edge's store", e);
        }
    }

    StoreImage image(Device device) {
        return StoreImage.ofSqlite(device.folder(), folder);
    }

    /** Ends devices and edge gently, so that their files can be judged at leisure. */
    void stopReplicas() {
        devices.forEach(Device::stop);
        edge.ifPresent(child -> child.stop(STOP_PATIENCE));
    }

    /** Ends everything, by force where it does not end by itself. */
    @Override
    public void close() {
        database.ifPresent(Database::close);
        devices.forEach(Device::close);
        edge.ifPresent(Child::close);
        killRegion();
    }

    private Path settings(String node) {
        return folder.resolve(node + ".yaml");
    }

    private Path data(String node) {
        return folder.resolve(node);
    }

    private Path log(String node) {
        return folder.resolve("log").resolve(node + ".log");
    }
}
