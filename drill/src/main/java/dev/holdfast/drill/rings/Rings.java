package dev.holdfast.drill.rings;

import dev.holdfast.cli.node.NodeJvm;
import dev.holdfast.cli.node.SettingsTemplate;
import dev.holdfast.cli.trust.Deployment;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.drill.Main;
import dev.holdfast.drill.clinic.ClinicData;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.net.Namespaces;
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
import java.util.stream.Collectors;

/**
 * The three rings of a clinic as real processes: two devices at an edge, one abroad at the region,
 * the edge, the region with its broker and its PostgreSQL. Each runs as its user would run it, from
 * a settings file, and can be killed and started again. Used by one thread.
 */
public final class Rings implements AutoCloseable {
    public static final String SCOPE = "clinic-7";

    /** The first is home, and everybody's but for those who say otherwise. */
    private static final List<String> REGIONS = List.of("singapore", "jakarta", "manila");

    private static final List<Host> CLOUDS = List.of(Host.CLOUD, Host.CLOUD_B, Host.CLOUD_C);

    /** Of devices' grants, and for how much longer they count offline. */
    public static final Duration VALIDITY = Duration.ofDays(30);

    /** Of nodes' grants and certificates, as {@code up} makes them. */
    private static final Duration NODES_VALID = Duration.ofDays(365);

    public static final List<String> SMALL_OPTIONS =
            List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    private static final Duration START_PATIENCE = Duration.ofMinutes(3);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);
    private static final Duration READER_PATIENCE = Duration.ofSeconds(30);

    private final Network network;
    private final Path folder;
    private final Ledger ledger;
    private final Consumer<String> progress;
    private final Deployment deployment;
    private final int edgePort;
    private final Devices devices;
    private final List<DeviceProcess> nurses = new ArrayList<>();

    /** Of nodes that do not keep their data beside everybody else's. */
    private final Map<String, Path> elsewhere = new HashMap<>();

    /** What the regions' settings say of the application's tables. */
    private String tables = "";

    private int edges = 1;
    private volatile boolean started;
    private Optional<FakeClock> edgeClock = Optional.empty();
    private Optional<Child> edge = Optional.empty();
    private final List<Child> others = new ArrayList<>();
    private final List<RegionProcess> regions = new ArrayList<>();
    private Optional<Database> database = Optional.empty();
    private Optional<BackboneRing> backbone = Optional.empty();
    private Optional<SteerRing> steer = Optional.empty();

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
        this.edgePort = Ports.free(1, new Random());
        deployment =
                Deployment.create(
                        folder.resolve("keys"), "drill", Entropy.system(), InstantSource.system());
        devices = new Devices(network, folder, deployment, seed);
        node(edgeName(), Grant.Role.EDGE, Host.EDGE);
        addRegion();
    }

    private void addRegion() {
        String name = REGIONS.get(regions.size());
        Host host = CLOUDS.get(regions.size());
        node(name, Grant.Role.REGION, host);
        // One name for several regions has addresses and no ports: on machines of their own they
        // all listen at the same.
        int ports =
                regions.isEmpty() || !hasMachines()
                        ? Ports.free(RegionProcess.PORTS, new Random())
                        : home().ports();
        regions.add(
                new RegionProcess(
                        name,
                        host,
                        ports,
                        () -> data(name),
                        () -> node("region", name, host, List.of())));
    }

    /**
     * Has regions and edge reach each other by a backbone, with two edges more that only carry,
     * both abroad. Said after how many regions there are.
     */
    public BackboneRing backbone() {
        BackboneRing ring = new BackboneRing(network, deployment, folder);
        for (RegionProcess region : regions)
            ring.member(region.name(), region.host(), region.port());
        ring.member(edgeName(), Host.EDGE, edgePort);
        backbone = Optional.of(ring);
        return ring;
    }

    /**
     * Has three steer nodes watch the regions, and devices ask them. Said after how many regions
     * there are.
     *
     * @throws DrillException where regions have no addresses of their own
     */
    public SteerRing steer() {
        if (!hasMachines())
            throw new DrillException(
                    "regions that are told apart by their addresses need network namespaces");
        SteerRing ring = new SteerRing(network, deployment, folder);
        devices.ask(ring.nameServers());
        steer = Optional.of(ring);
        return ring;
    }

    /** The nodes that {@link #steer} was asked for. */
    public SteerRing steerRing() {
        return steer.orElseThrow(() -> new DrillException("there are no steers"));
    }

    /** Where a device finds a region by the name that the steers answer for. */
    public URI steered() {
        return SteerRing.endpoint(home().port());
    }

    private boolean hasMachines() {
        return network instanceof Namespaces;
    }

    private String backboneOf(String node) {
        return backbone.map(ring -> ring.settings(node)).orElse("");
    }

    /** A program of the drill's own on {@code host}. */
    Child program(
            String name, Host host, String main, List<String> arguments, Consumer<String> lines) {
        List<String> whole = new ArrayList<>(network.on(host));
        whole.addAll(JavaProgram.command(main, SMALL_OPTIONS, arguments));
        return Child.start(name, whole, log(name), "ready"::equals, lines);
    }

    /** From how many regions on all is to be kept the same, said before anything is started. */
    public void mirror(int count) {
        while (regions.size() < count) addRegion();
    }

    private void node(String name, Grant.Role role, Host host) {
        deployment.issue(
                name,
                role,
                List.of(network.address(host), "localhost", SteerRing.NAME),
                NODES_VALID,
                VALIDITY);
    }

    /** A machine that replaces a lost one is another edge, with a key of its own. */
    private String edgeName() {
        return "edge-" + edges;
    }

    private void writeSettings() {
        Path schema = folder.resolve("schema.json");
        try {
            Files.writeString(schema, ClinicData.SCHEMA_JSON);
            for (RegionProcess region : regions) {
                String settings =
                        SettingsTemplate.REGION.filled(regionValues(region))
                                + tables
                                + "\nschema: "
                                + schema
                                + "\nfree-disk: 64MiB\n"
                                + backboneOf(region.name());
                Files.writeString(settings(region.name()), settings);
            }
        } catch (IOException e) {
            throw new DrillException("writing the settings of the regions", e);
        }
        writeEdgeSettings(edgeName(), edgePort());
        backbone.ifPresent(BackboneRing::sign);
    }

    private Map<String, String> regionValues(RegionProcess region) {
        String peers =
                regions.stream()
                        .filter(other -> !other.equals(region))
                        .map(other -> region(region.host(), other).toString())
                        .collect(Collectors.joining(", "));
        return Map.ofEntries(
                Map.entry("file", settings(region.name()).toString()),
                Map.entry("data", data(region.name()).toString()),
                Map.entry("keys", deployment.node(region.name()).folder().toString()),
                Map.entry("host", network.address(region.host())),
                Map.entry("port", Integer.toString(region.port())),
                Map.entry("origins", ""),
                Map.entry("database-port", Integer.toString(region.databasePort())),
                Map.entry("namesrv-port", Integer.toString(region.namesrvPort())),
                Map.entry("broker-port", Integer.toString(region.brokerPort())),
                Map.entry("home", Boolean.toString(region.equals(home()))),
                Map.entry("peers", peers));
    }

    private void writeEdgeSettings(String name, int port) {
        writeEdgeSettings(name, Host.EDGE, port);
    }

    private void writeEdgeSettings(String name, Host host, int port) {
        try {
            Files.writeString(
                    settings(name),
                    SettingsTemplate.EDGE.filled(
                                    Map.of(
                                            "file", settings(name).toString(),
                                            "data", data(name).toString(),
                                            "keys", deployment.node(name).folder().toString(),
                                            "host", network.address(host),
                                            "port", Integer.toString(port),
                                            "origins", "",
                                            "region",
                                                    regions.stream()
                                                            .map(each ->
                                                                    region(host, each).toString())
                                                            .collect(Collectors.joining(", "))))
                            + backboneOf(name));
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
        elsewhere.put(home().name(), data);
    }

    /** Starts everything; minutes at most, when PostgreSQL is unpacked on a slow machine. */
    public void start() {
        writeSettings();
        regions.forEach(RegionProcess::start);
        startEdge();
        backbone.ifPresent(this::startCarriers);
        steer.ifPresent(this::startSteers);
        nurses.add(devices.start("amina", Host.DEVICE_A, edge(Host.DEVICE_A), ledger));
        nurses.add(devices.start("bashir", Host.DEVICE_A, edge(Host.DEVICE_A), ledger));
        nurses.add(devices.start("chidi", Host.DEVICE_B, region(Host.DEVICE_B), ledger));
        nurses.forEach(DeviceProcess::awaitReady);
        database = Optional.of(reader("database-reader", READER_PATIENCE));
        started = true;
    }

    private void startSteers(SteerRing ring) {
        ring.write(regions);
        ring.hosts().forEach((name, host) -> others.add(node("steer", name, host, List.of())));
    }

    private void startCarriers(BackboneRing ring) {
        ring.carriers()
                .forEach((name, host) -> {
                    writeEdgeSettings(name, host, ring.port(name));
                    others.add(node("edge", name, host, List.of()));
                });
    }

    /**
     * Another reader of the region's database, to be closed by who asked for it.
     *
     * @param silence after which the database counts as away
     */
    Database reader(String name, Duration silence) {
        return reader(home(), name, silence);
    }

    /** The same of any region's. */
    public Database reader(RegionProcess region, String name) {
        return reader(region, name, READER_PATIENCE);
    }

    private Database reader(RegionProcess region, String name, Duration silence) {
        List<String> reader = new ArrayList<>(network.on(region.host()));
        reader.addAll(
                JavaProgram.command(
                        DatabaseMain.class.getName(),
                        SMALL_OPTIONS,
                        List.of(
                                Integer.toString(region.databasePort()),
                                region.databaseFolder().resolve("password").toString(),
                                Long.toString(silence.toSeconds()))));
        return new Database(reader, log(name));
    }

    /** An application beside a region, with a connection to its database; to be closed. */
    public Application application(RegionProcess region) {
        List<String> command = new ArrayList<>(network.on(region.host()));
        command.addAll(
                JavaProgram.command(
                        ApplicationMain.class.getName(),
                        SMALL_OPTIONS,
                        List.of(
                                Integer.toString(region.databasePort()),
                                region.databaseFolder().resolve("password").toString())));
        return new Application(command, log("application-" + region.name()));
    }

    /** Has the regions mirror a table of the application from their next start on. */
    public void mirrorTable(String name) {
        tables = "\ntables: [{name: " + name + "}]\n";
        writeSettings();
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
        return region(from, home());
    }

    /** The same of any of them. */
    public URI region(Host from, RegionProcess region) {
        return network.endpoint(from, region.host(), region.port());
    }

    /** The home region comes first. */
    public List<RegionProcess> regions() {
        return List.copyOf(regions);
    }

    private RegionProcess home() {
        return regions.getFirst();
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
        return probe(home().host(), regionPort());
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
        return edgePort;
    }

    int regionPort() {
        return home().port();
    }

    /** Of the region on that machine. */
    int regionPort(Host host) {
        return regions.stream()
                .filter(region -> region.host() == host)
                .findFirst()
                .orElseThrow(() -> new DrillException("no region is on " + host))
                .port();
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
        home().start();
    }

    private Child node(String command, String name, Host host, List<String> under) {
        List<String> whole = new ArrayList<>(network.on(host));
        whole.addAll(under);
        whole.addAll(
                JavaProgram.command(
                        Main.class.getName(),
                        NodeJvm.OPTIONS,
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
        String name = "other-edge-" + (others.size() + 1);
        int port = Ports.free(1, new Random());
        node(name, Grant.Role.EDGE, Host.EDGE);
        writeEdgeSettings(name, port);
        others.add(node("edge", name, Host.EDGE, List.of()));
        return network.endpoint(from, Host.EDGE, port);
    }

    /** SIGKILL of the region, of its broker, and of PostgreSQL, which would outlive it. */
    public void killRegion() {
        home().kill();
    }

    /** SIGKILL of the region's own process. */
    void killRegionAlone() {
        home().killAlone();
    }

    /** PostgreSQL's first process, whoever has started it. */
    Optional<ProcessHandle> postmaster() {
        return home().postmaster();
    }

    /** RocketMQ's process, as the region has it at this moment. */
    Optional<ProcessHandle> broker() {
        return home().broker();
    }

    /**
     * The processes of {@code victim} as they are now, parents first.
     *
     * @throws DrillException when it does not run
     */
    public List<ProcessHandle> processes(Victim victim) {
        return switch (victim) {
            case AMINA -> List.of(RegionProcess.handle(amina().pid()));
            case BASHIR -> List.of(RegionProcess.handle(bashir().pid()));
            case CHIDI -> List.of(RegionProcess.handle(chidi().pid()));
            case EDGE -> List.of(RegionProcess.handle(edgePid()));
            case REGION_ALONE -> List.of(RegionProcess.handle(regionPid()));
            case BROKER -> List.of(RegionProcess.required(broker(), victim.word()));
            case DATABASE -> home().database();
            case REGION -> home().all();
        };
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
        return home().pid();
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
        others.forEach(Child::close);
        regions.forEach(RegionProcess::kill);
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
