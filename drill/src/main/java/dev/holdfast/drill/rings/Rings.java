package dev.holdfast.drill.rings;

import dev.holdfast.cli.node.SettingsTemplate;
import dev.holdfast.cli.trust.Deployment;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.drill.Main;
import dev.holdfast.drill.clinic.ClinicData;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.net.Network;
import dev.holdfast.drill.net.Ports;
import dev.holdfast.drill.process.Child;
import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.process.FakeClock;
import dev.holdfast.drill.process.JavaProgram;
import dev.holdfast.keys.Entropy;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The three rings of a clinic as real processes: two devices at an edge, one abroad at the region,
 * the edge, the region with its broker and its PostgreSQL. Each runs as its user would run it, from
 * a settings file, and can be killed and started again. Used by one thread.
 */
public final class Rings implements AutoCloseable {
    public static final String SCOPE = "clinic-7";

    private static final String REGION = "singapore";

    /** Of devices' grants, and for how much longer they count offline. */
    public static final Duration VALIDITY = Duration.ofDays(30);

    /** Of nodes' grants and certificates, as {@code up} makes them. */
    private static final Duration NODES_VALID = Duration.ofDays(365);

    public static final List<String> SMALL_OPTIONS =
            List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private static final Duration START_PATIENCE = Duration.ofMinutes(3);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);
    private static final Duration READER_PATIENCE = Duration.ofSeconds(30);
    private static final List<String> NODE_OPTIONS =
            List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError");

    /** RocketMQ takes three ports in a row around its own, and the name server one. */
    private static final int PORTS = 8;

    private static final String BROKER_MAIN = "dev.holdfast.broker.BrokerMain";

    private final Network network;
    private final Path folder;
    private final Ledger ledger;
    private final Consumer<String> progress;
    private final Deployment deployment;
    private final int ports;
    private final Devices devices;
    private final List<DeviceProcess> nurses = new ArrayList<>();

    /** Of nodes that do not keep their data beside everybody else's. */
    private final Map<String, Path> elsewhere = new HashMap<>();

    private int edges = 1;
    private volatile boolean started;
    private Optional<FakeClock> edgeClock = Optional.empty();
    private Optional<Child> edge = Optional.empty();
    private final List<Child> otherEdges = new ArrayList<>();
    private Optional<Child> region = Optional.empty();
    private Optional<Database> database = Optional.empty();

    /**
     * Makes keys and certificates; starts nothing yet.
     *
     * @param folder everything is kept here; every user of the machine must be able to enter it,
     *     since PostgreSQL does not run as root
     */
    Rings(Network network, Path folder, long seed, Ledger ledger, Consumer<String> progress) {
        this.network = network;
        this.folder = folder;
        this.ledger = ledger;
        this.progress = progress;
        this.ports = Ports.free(PORTS, new Random());
        deployment =
                Deployment.create(
                        folder.resolve("keys"), "drill", Entropy.system(), InstantSource.system());
        devices = new Devices(network, folder, deployment, seed);
        node(edgeName(), Grant.Role.EDGE, Host.EDGE);
        node(REGION, Grant.Role.REGION, Host.CLOUD);
    }

    private void node(String name, Grant.Role role, Host host) {
        deployment.issue(
                name, role, List.of(network.address(host), "localhost"), NODES_VALID, VALIDITY);
    }

    /** A machine that replaces a lost one is another edge, with a key of its own. */
    private String edgeName() {
        return "edge-" + edges;
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
        } catch (IOException e) {
            throw new DrillException("writing the settings of the region", e);
        }
        writeEdgeSettings(edgeName(), edgePort());
    }

    private void writeEdgeSettings(String name, int port) {
        try {
            Files.writeString(
                    settings(name),
                    SettingsTemplate.EDGE.filled(
                            Map.of(
                                    "file", settings(name).toString(),
                                    "data", data(name).toString(),
                                    "keys", deployment.node(name).folder().toString(),
                                    "host", network.address(Host.EDGE),
                                    "port", Integer.toString(port),
                                    "region",
                                            network.endpoint(Host.EDGE, Host.CLOUD, regionPort())
                                                    .toString())));
        } catch (IOException e) {
            throw new DrillException("writing the settings of " + name, e);
        }
    }

    /** Where the edge is to keep its data, said before it is started. */
    public void keepEdgeIn(Path data) {
        elsewhere.put(edgeName(), data);
    }

    /** Where the region is to keep its log and its database, said before it is started. */
    public void keepRegionIn(Path data) {
        elsewhere.put(REGION, data);
    }

    /** Starts everything; minutes at most, when PostgreSQL is unpacked on a slow machine. */
    public void start() {
        writeSettings();
        startRegion();
        startEdge();
        nurses.add(devices.start("amina", Host.DEVICE_A, edge(Host.DEVICE_A), ledger));
        nurses.add(devices.start("bashir", Host.DEVICE_A, edge(Host.DEVICE_A), ledger));
        nurses.add(devices.start("chidi", Host.DEVICE_B, region(Host.DEVICE_B), ledger));
        nurses.forEach(DeviceProcess::awaitReady);
        database = Optional.of(reader("database-reader", READER_PATIENCE));
        started = true;
    }

    /**
     * Another reader of the region's database, to be closed by who asked for it.
     *
     * @param silence after which the database counts as away
     */
    Database reader(String name, Duration silence) {
        List<String> reader = new ArrayList<>(network.on(Host.CLOUD));
        Path password = data(REGION).resolve("postgres").resolve("password");
        reader.addAll(
                JavaProgram.command(
                        DatabaseMain.class.getName(),
                        SMALL_OPTIONS,
                        List.of(
                                Integer.toString(ports + 2),
                                password.toString(),
                                Long.toString(silence.toSeconds()))));
        return new Database(reader, log(name));
    }

    /** At the edge. */
    public DeviceProcess amina() {
        return nurses.get(0);
    }

    /** At the edge. */
    public DeviceProcess bashir() {
        return nurses.get(1);
    }

    /** Abroad, at the region. */
    public DeviceProcess chidi() {
        return nurses.get(2);
    }

    /** Those three. */
    public List<DeviceProcess> nurses() {
        return List.copyOf(nurses);
    }

    /** All devices, those included that somebody else started. */
    public Devices devices() {
        return devices;
    }

    /** Where {@code from} reaches the edge. */
    public URI edge(Host from) {
        return network.endpoint(from, Host.EDGE, edgePort());
    }

    /** Where {@code from} reaches the region. */
    public URI region(Host from) {
        return network.endpoint(from, Host.CLOUD, regionPort());
    }

    public Database database() {
        return database.orElseThrow(() -> new DrillException("the region was not started yet"));
    }

    /** Asks the edge whether it is ready. */
    public Probe probeEdge() {
        return probe(Host.EDGE, edgePort());
    }

    /** Asks the region whether it is ready, be it cut off from everybody. */
    public Probe probeRegion() {
        return probe(Host.CLOUD, regionPort());
    }

    private Probe probe(Host host, int port) {
        List<String> command = new ArrayList<>(network.on(host));
        command.addAll(
                JavaProgram.command(
                        ProbeMain.class.getName(),
                        SMALL_OPTIONS,
                        List.of(
                                "https://" + network.address(host) + ":" + port,
                                deployment.caCertificate().toString())));
        return new Probe(command, log("probe"));
    }

    int edgePort() {
        return ports;
    }

    int regionPort() {
        return ports + 1;
    }

    public void startEdge() {
        edge =
                Optional.of(
                        node(
                                "edge",
                                edgeName(),
                                Host.EDGE,
                                edgeClock.map(FakeClock::prefix).orElse(List.of())));
        edgeClock.ifPresent(clock -> clock.requireUnder(edgePid()));
    }

    /** Stops the edge gently and starts it again; from now on it goes by {@code clock}. */
    public void restartEdge(FakeClock clock) {
        edge.ifPresent(child -> child.stop(STOP_PATIENCE));
        edgeClock = Optional.of(clock);
        startEdge();
    }

    public void startRegion() {
        region = Optional.of(node("region", REGION, Host.CLOUD, List.of()));
    }

    private Child node(String command, String name, Host host, List<String> under) {
        List<String> whole = new ArrayList<>(network.on(host));
        whole.addAll(under);
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
    public void killEdge() {
        edge.ifPresent(Child::kill9);
    }

    /**
     * The edge's disk is lost with all that it holds; another machine takes its place at the same
     * address, as the deployment's operator would set it up: with keys of its own and nothing else.
     */
    public void replaceEdge() {
        killEdge();
        TearDown.delete(data(edgeName()));
        if (Files.exists(data(edgeName())))
            throw new DrillException("the edge's disk is still there: " + data(edgeName()));
        edges++;
        node(edgeName(), Grant.Role.EDGE, Host.EDGE);
        writeEdgeSettings(edgeName(), edgePort());
        startEdge();
    }

    /**
     * Starts one more edge beside the first, on the same machine, and leaves it to itself.
     *
     * @return where {@code from} reaches it
     */
    public URI anotherEdge(Host from) {
        String name = "other-edge-" + (otherEdges.size() + 1);
        int port = Ports.free(1, new Random());
        node(name, Grant.Role.EDGE, Host.EDGE);
        writeEdgeSettings(name, port);
        otherEdges.add(node("edge", name, Host.EDGE, List.of()));
        return network.endpoint(from, Host.EDGE, port);
    }

    /** SIGKILL of the region, of its broker, and of PostgreSQL, which would outlive it. */
    public void killRegion() {
        region.ifPresent(Child::kill9WithChildren);
        for (ProcessHandle server : postmasters()) {
            // Its workers end when it is gone, and some of them only when they next look.
            List<ProcessHandle> workers = server.descendants().toList();
            server.destroyForcibly();
            workers.forEach(ProcessHandle::destroyForcibly);
        }
    }

    /** SIGKILL of the region's own process. */
    void killRegionAlone() {
        region.ifPresent(Child::kill9);
    }

    /** PostgreSQL's first process, whoever has started it. */
    Optional<ProcessHandle> postmaster() {
        return postmasters().stream().findFirst();
    }

    /** Not by the number that it keeps in a file: its disk may be what failed. */
    private List<ProcessHandle> postmasters() {
        String data = data(REGION).resolve("postgres").resolve("data").toString();
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().command().orElse("").endsWith("postgres"))
                .filter(process -> process.info().commandLine().orElse("").contains(data))
                .toList();
    }

    /** RocketMQ's process, as the region has it at this moment. */
    Optional<ProcessHandle> broker() {
        try (Stream<ProcessHandle> children = region.orElseThrow().children()) {
            return children.filter(
                            child -> child.info().commandLine().orElse("").contains(BROKER_MAIN))
                    .findFirst();
        }
    }

    /**
     * The processes of {@code victim} as they are now, parents first.
     *
     * @throws DrillException when it does not run
     */
    public List<ProcessHandle> processes(Victim victim) {
        return switch (victim) {
            case AMINA -> List.of(handle(amina().pid()));
            case BASHIR -> List.of(handle(bashir().pid()));
            case CHIDI -> List.of(handle(chidi().pid()));
            case EDGE -> List.of(handle(edgePid()));
            case REGION_ALONE -> List.of(handle(regionPid()));
            case BROKER -> List.of(required(broker(), victim));
            case DATABASE -> withDescendants(required(postmaster(), victim));
            case REGION -> {
                List<ProcessHandle> all = new ArrayList<>();
                all.add(handle(regionPid()));
                all.add(required(broker(), victim));
                all.addAll(withDescendants(required(postmaster(), victim)));
                yield all;
            }
        };
    }

    private static ProcessHandle handle(long pid) {
        return ProcessHandle.of(pid)
                .orElseThrow(() -> new DrillException("process " + pid + " does not run"));
    }

    private static ProcessHandle required(Optional<ProcessHandle> process, Victim victim) {
        return process.orElseThrow(
                () -> new DrillException("a process of " + victim.word() + " does not run"));
    }

    private static List<ProcessHandle> withDescendants(ProcessHandle process) {
        List<ProcessHandle> all = new ArrayList<>();
        all.add(process);
        try (Stream<ProcessHandle> descendants = process.descendants()) {
            descendants.forEach(all::add);
        }
        return all;
    }

    /** Where keys, stores, settings and logs are. */
    public Path folder() {
        return folder;
    }

    /** Whose authority the grants are by. */
    public Deployment deployment() {
        return deployment;
    }

    /** Whether the edge's process lives. */
    public boolean edgeLives() {
        return edge.map(Child::isAlive).orElse(false);
    }

    /** The end of what the edge has to say to its operator. */
    public String edgeLastWords() {
        return edge.map(Child::lastWords).orElse("");
    }

    /** The process of the edge. */
    public long edgePid() {
        return edge.orElseThrow().pid();
    }

    /** The process of the region, without its broker and PostgreSQL. */
    public long regionPid() {
        return region.orElseThrow().pid();
    }

    /** Where the edge's store is. */
    public Path edgeStore() {
        try (var files =
                Files.find(data(edgeName()), 3, (path, any) -> path.endsWith("store.db"))) {
            return files.map(file -> file.resolveSibling("."))
                    .findFirst()
                    .orElseThrow(() -> new DrillException("the edge has no store"));
        } catch (IOException e) {
            throw new DrillException("looking for the edge's store", e);
        }
    }

    /** What a store holds whose owner is dead. */
    public StoreImage dead(Path store) {
        return StoreImage.ofDead(store, folder);
    }

    /** Ends devices and edge gently, so that their files can be judged at leisure. */
    void stopReplicas() {
        devices.all().forEach(DeviceProcess::stop);
        edge.ifPresent(child -> child.stop(STOP_PATIENCE));
    }

    /** Ends everything, by force where it does not end by itself. */
    @Override
    public void close() {
        database.ifPresent(Database::close);
        devices.close();
        edge.ifPresent(Child::close);
        edgeClock.ifPresent(FakeClock::close);
        otherEdges.forEach(Child::close);
        killRegion();
    }

    private Path settings(String node) {
        return folder.resolve(node + ".yaml");
    }

    private Path data(String node) {
        return elsewhere.getOrDefault(node, folder.resolve(node));
    }

    private Path log(String node) {
        return folder.resolve("log").resolve(node + ".log");
    }
}
