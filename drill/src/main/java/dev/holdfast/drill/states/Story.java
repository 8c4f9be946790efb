package dev.holdfast.drill.states;

import dev.holdfast.cli.output.Progress;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.net.Network;
import dev.holdfast.drill.net.Network.Cut;
import dev.holdfast.drill.process.DrillException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;

/**
 * The four states, one after the other, on running {@link Rings}, with a kill in the middle of each
 * but the first; then more kills, of anybody at any moment; then quiet. What is seen on the way
 * goes into the evidence. A fault that could not be made ends the drill: it would have proved
 * nothing.
 *
 * <p>After the kill of a region it comes back cut off from everybody, so that whatever it had
 * promised must come out of its own log and database, and cannot be sent to it again.
 */
final class Story {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration DRAIN_PATIENCE = Duration.ofMinutes(5);
    private static final Duration TELLING = Duration.ofSeconds(5);
    private static final int WRITES = 50;
    private static final int BACKLOG_WRITES = 300;
    private static final int ROUND_WRITES = 20;
    private static final int CONTESTED = 10;
    private static final int FORBIDDEN = 3;

    /** Who is killed in the rounds, as often as they stand here. */
    private static final List<String> VICTIMS =
            List.of("amina", "bashir", "chidi", "edge", "edge", "edge", "region");

    private static final List<Cut> CUTS = List.of(Cut.values());

    private final Network network;
    private final Rings rings;
    private final Ledger ledger;
    private final Evidence evidence;
    private final Random random;
    private final Progress progress;
    private Duration drain = Duration.ZERO;
    private long drained;

    Story(
            Network network,
            Rings rings,
            Ledger ledger,
            Evidence evidence,
            Random random,
            Progress progress) {
        this.network = network;
        this.rings = rings;
        this.ledger = ledger;
        this.evidence = evidence;
        this.random = random;
        this.progress = progress;
    }

    /**
     * From the reconnection until everything was in the record, a restart of the region included.
     */
    Duration drain() {
        return drain;
    }

    /** How many writes were waiting when the connection came back. */
    long drained() {
        return drained;
    }

    /** Tells all of it and answers for the judge once everything is quiet. */
    Judge run(int kills) throws InterruptedException {
        normal();
        gatewayCut();
        blackout();
        reconnection();
        for (int i = 1; i <= kills; i++) killSomebody(i, kills);
        return settle();
    }

    private void normal() throws InterruptedException {
        begin("A  Connected: three nurses write");
        long started = System.nanoTime();
        write(rings.devices(), WRITES, 20);
        finish(rings.devices());
        Context all = ledger.at(Durability.DEVICE);
        boolean applied = await(PATIENCE, () -> reached(all, Durability.APPLIED));
        evidence.state(
                "A normal: every write gets into the record",
                applied,
                count(Dots.count(all)) + " writes applied after " + seconds(since(started)));
        rings.amina().begin("forbidden " + FORBIDDEN);
        rings.amina().awaitDone(PATIENCE);
        await(PATIENCE, () -> ledger.refused().size() >= FORBIDDEN);
        sampleWatermarks();
    }

    private void gatewayCut() throws InterruptedException {
        Context before = ledger.at(Durability.DEVICE);
        network.cutGateway(Cut.BOTH);
        requireCut(Host.EDGE, Host.CLOUD);
        requireOpen(Host.DEVICE_A, Host.EDGE);
        begin(
                "B  Cut off from abroad: the nurses at the edge and abroad write in the same records");
        contest(rings.amina(), 1);
        contest(rings.bashir(), 1 + CONTESTED);
        contest(rings.chidi(), 1);
        contest(rings.chidi(), 1 + CONTESTED);
        rings.chidi().awaitDone(PATIENCE);
        finish(rings.devices());
        write(rings.devices(), WRITES, 15);
        pause(700);
        killEdge();
        finish(rings.devices());
        Context inside = ledger.savedBy("amina");
        inside.addAll(ledger.savedBy("bashir"));
        Context fresh = Dots.minus(Dots.minus(inside, before), ledger.refusedDots());
        boolean safe = await(PATIENCE, () -> reached(fresh, Durability.EDGE));
        boolean seen =
                await(
                        PATIENCE,
                        () ->
                                Dots.contains(rings.bashir().status().context(), standing("amina"))
                                        && Dots.contains(
                                                rings.amina().status().context(),
                                                standing("bashir")));
        evidence.state(
                "B gateway cut: writes are safe at the edge",
                safe,
                count(Dots.count(fresh)) + " writes, through a kill of the edge");
        evidence.state(
                "B gateway cut: devices at the edge see each other's writes",
                seen,
                seen ? "all" : "not all");
        long crossed =
                Dots.count(fresh) - Dots.count(Dots.minus(fresh, atLeast(Durability.REGION)));
        evidence.state(
                "B gateway cut: nothing is said to have crossed",
                crossed == 0,
                crossed + " said so");
        Context abroad = standing("chidi");
        boolean applied = await(PATIENCE, () -> reached(abroad, Durability.APPLIED));
        evidence.state(
                "B gateway cut: abroad goes on",
                applied,
                count(Dots.count(abroad)) + " writes in the record");
        sampleWatermarks();
    }

    private void blackout() throws InterruptedException {
        network.blackout();
        requireCut(Host.DEVICE_A, Host.EDGE);
        requireCut(Host.DEVICE_B, Host.CLOUD);
        requireCut(Host.EDGE, Host.CLOUD);
        Context before = ledger.at(Durability.DEVICE);
        begin("C  No network: work goes on; every write waits on its device");
        write(rings.devices(), BACKLOG_WRITES, 2);
        pause(600);
        killDevice(rings.amina());
        rings.amina().begin("write " + BACKLOG_WRITES + " 2");
        finish(rings.devices());
        Context fresh = Dots.minus(ledger.at(Durability.DEVICE), before);
        boolean read = true;
        for (Device device : rings.devices())
            read &= Dots.contains(device.status().context(), ledger.savedBy(device.name()));
        evidence.state(
                "C blackout: reading and writing go on",
                read && !fresh.isEmpty(),
                count(Dots.count(fresh)) + " writes, through a kill of a device");
        long elsewhere =
                Dots.count(fresh) - Dots.count(Dots.minus(fresh, atLeast(Durability.EDGE)));
        evidence.state(
                "C blackout: nothing is said to be elsewhere",
                elsewhere == 0,
                elsewhere + " said so");
    }

    private void reconnection() throws InterruptedException {
        Context waiting =
                Dots.minus(
                        Dots.minus(ledger.at(Durability.DEVICE), atLeast(Durability.APPLIED)),
                        ledger.refusedDots());
        drained = Dots.count(waiting);
        long started = System.nanoTime();
        network.heal();
        begin("D  Back online: sending " + count(drained) + " writes, all at once");
        requireOpen(Host.DEVICE_A, Host.EDGE);
        requireOpen(Host.EDGE, Host.CLOUD);
        requireOpen(Host.DEVICE_B, Host.CLOUD);
        write(rings.devices(), ROUND_WRITES, 10);
        // In the middle is when some of it has arrived and some has not.
        await(
                PATIENCE,
                () ->
                        !Dots.minus(waiting, Dots.minus(waiting, atLeast(Durability.REGION)))
                                .isEmpty());
        pause(500);
        killRegion();
        finish(rings.devices());
        boolean done = awaitDrained();
        drain = since(started);
        evidence.state(
                "D reconnection: the backlog drains",
                done,
                count(drained)
                        + " writes in "
                        + seconds(drain)
                        + ", a killed region's restart included");
        sampleWatermarks();
    }

    private void killSomebody(int round, int of) throws InterruptedException {
        if (random.nextInt(3) == 0) {
            network.cutGateway(CUTS.get(random.nextInt(CUTS.size())));
            requireCut(Host.EDGE, Host.CLOUD);
        }
        write(rings.devices(), ROUND_WRITES, 10);
        pause(random.nextInt(600));
        String victim = VICTIMS.get(random.nextInt(VICTIMS.size()));
        Optional<Device> device =
                rings.devices().stream().filter(each -> each.name().equals(victim)).findFirst();
        long missing;
        if (device.isPresent()) missing = killDevice(device.get());
        else if (victim.equals("edge")) missing = killEdge();
        else missing = killRegion();
        network.heal();
        finish(rings.devices().stream().filter(each -> !each.name().equals(victim)).toList());
        begin(
                "   kill "
                        + round
                        + " of "
                        + of
                        + ": "
                        + victim
                        + ", "
                        + missing
                        + " acknowledged writes missing");
    }

    private Judge settle() throws InterruptedException {
        begin("   Waiting until everything is everywhere");
        awaitDrained();
        boolean equal = await(PATIENCE, this::isEverywhere);
        if (!equal) progress.line("   It is not everywhere: judged as it stands");
        sampleWatermarks();
        RegionImage region = rings.database().image();
        rings.stopReplicas();
        Map<String, StoreImage> replicas = new LinkedHashMap<>();
        for (Device device : rings.devices()) replicas.put(device.name(), rings.image(device));
        replicas.put("edge", rings.edgeImage());
        return new Judge(ledger, evidence, replicas, region);
    }

    private long killDevice(Device device) {
        device.kill9();
        long missing =
                evidence.killed(
                        Durability.DEVICE,
                        ledger.savedBy(device.name()),
                        rings.image(device).context());
        device.restart();
        return missing;
    }

    private long killEdge() {
        rings.killEdge();
        long missing =
                evidence.killed(
                        Durability.EDGE, ledger.at(Durability.EDGE), rings.edgeImage().context());
        rings.startEdge();
        return missing;
    }

    private long killRegion() throws InterruptedException {
        rings.killRegion();
        Context accepted = ledger.at(Durability.REGION);
        Context applied = ledger.at(Durability.APPLIED);
        network.isolateCloud();
        rings.startRegion();
        requireCut(Host.EDGE, Host.CLOUD);
        requireCut(Host.DEVICE_B, Host.CLOUD);
        long missing = evidence.killed(Durability.APPLIED, applied, inDatabase());
        await(PATIENCE, () -> Dots.contains(inDatabase(), accepted));
        missing += evidence.killed(Durability.REGION, accepted, inDatabase());
        network.heal();
        return missing;
    }

    /** What was said first is compared with what is read after. */
    private void sampleWatermarks() {
        Context said = ledger.at(Durability.APPLIED);
        evidence.watermark(said, inDatabase());
    }

    private boolean isDrained() {
        Context all = Dots.minus(ledger.at(Durability.DEVICE), ledger.refusedDots());
        return Dots.contains(inDatabase(), all)
                && rings.devices().stream().allMatch(device -> device.status().waiting() == 0);
    }

    private boolean isEverywhere() {
        Context refused = ledger.refusedDots();
        Context truth = inDatabase();
        return rings.edgeImage().context().equals(truth)
                && rings.devices().stream()
                        .allMatch(device ->
                                Dots.minus(device.status().context(), refused).equals(truth));
    }

    private Context inDatabase() {
        return rings.database().context().orElse(new Context());
    }

    private Context standing(String device) {
        return Dots.minus(ledger.savedBy(device), ledger.refusedDots());
    }

    private boolean reached(Context dots, Durability level) {
        return Dots.contains(atLeast(level), dots);
    }

    private Context atLeast(Durability least) {
        Context all = new Context();
        for (Durability level : Durability.values()) {
            if (level.reaches(least)) all.addAll(ledger.at(level));
        }
        return all;
    }

    private void begin(String words) {
        progress.line(words);
        progress.step();
    }

    /** Waits until everything is in the record, and says from time to time how far that is. */
    private boolean awaitDrained() throws InterruptedException {
        long started = System.nanoTime();
        long first = waiting();
        while (!isDrained()) {
            Duration taken = since(started);
            if (taken.compareTo(DRAIN_PATIENCE) > 0) return false;
            if (await(TELLING, this::isDrained)) return true;
            long left = waiting();
            double rate = (first - left) / (double) Math.max(1, since(started).toMillis()) * 1000;
            if (left > 0) {
                progress.line(
                        String.format(
                                Locale.ROOT, "   %,d writes are on their way, %.0f/s", left, rate));
            }
        }
        return true;
    }

    private long waiting() {
        return Dots.count(
                Dots.minus(
                        Dots.minus(ledger.at(Durability.DEVICE), ledger.refusedDots()),
                        inDatabase()));
    }

    private void contest(Device device, int first) {
        device.begin("contest " + first + " " + (first + CONTESTED - 1));
    }

    private static void write(List<Device> devices, int count, int pauseMillis) {
        devices.forEach(device -> device.begin("write " + count + " " + pauseMillis));
    }

    private static void finish(List<Device> devices) {
        devices.forEach(device -> device.awaitDone(PATIENCE));
    }

    private void requireCut(Host from, Host to) {
        if (network.reaches(from, to, port(to)))
            throw new DrillException(
                    "the link from " + from + " to " + to + " was cut and still lets through");
        evidence.cut();
    }

    private void requireOpen(Host from, Host to) throws InterruptedException {
        if (!await(Duration.ofSeconds(20), () -> network.reaches(from, to, port(to))))
            throw new DrillException("the link from " + from + " to " + to + " does not come back");
    }

    private int port(Host host) {
        return host == Host.EDGE ? rings.edgePort() : rings.regionPort();
    }

    private static boolean await(Duration patience, BooleanSupplier fact)
            throws InterruptedException {
        long started = System.nanoTime();
        while (!fact.getAsBoolean()) {
            if (since(started).compareTo(patience) > 0) return false;
            Thread.sleep(100);
        }
        return true;
    }

    /** About that long: the moment of a kill is to be another in every run. */
    private void pause(int millis) throws InterruptedException {
        Thread.sleep(millis / 2 + random.nextInt(millis / 2 + 1));
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
