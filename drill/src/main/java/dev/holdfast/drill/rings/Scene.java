package dev.holdfast.drill.rings;

import dev.holdfast.cli.output.Progress;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.drill.disk.Disks;
import dev.holdfast.drill.net.Host;
import dev.holdfast.drill.net.Network;
import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.report.Timeline;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.BooleanSupplier;

/**
 * What every part of the story has at hand, and the few things that all of them do with it. A fault
 * that could not be made ends the drill: it would have proved nothing. Used by one thread.
 *
 * @param ledger of the three nurses
 * @param timeline is told of faults that are not the network's, for the report
 */
public record Scene(
        Network network,
        Disks disks,
        Rings rings,
        Ledger ledger,
        Evidence evidence,
        Random random,
        Progress progress,
        Timeline timeline) {
    /** For whatever is done, or becomes true, within seconds. */
    public static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Duration DRAIN_PATIENCE = Duration.ofMinutes(5);
    private static final Duration OPEN_PATIENCE = Duration.ofSeconds(20);
    private static final Duration TELLING = Duration.ofSeconds(5);

    public void begin(String words) {
        progress.line(words);
        progress.step();
    }

    // Writing.

    public static void write(List<DeviceProcess> devices, int count, int pauseMillis) {
        devices.forEach(device -> device.begin("write " + count + " " + pauseMillis));
    }

    public static void finish(List<DeviceProcess> devices) {
        devices.forEach(device -> device.awaitDone(PATIENCE));
    }

    public static void contest(DeviceProcess device, int first, int count) {
        device.begin("contest " + first + " " + (first + count - 1));
    }

    // What people were told, and what the stores hold.

    public Context inDatabase() {
        return rings.database().context().orElse(new Context());
    }

    public static Context seenBy(DeviceProcess device) {
        return StoreImage.contextOfLiving(device.folder());
    }

    /** What a nurse saved and nobody refused. */
    public Context standing(DeviceProcess nurse) {
        return Dots.minus(ledger.savedBy(nurse.name()), ledger.refusedDots());
    }

    /** What was acknowledged at {@code least} or above. */
    public Context atLeast(Durability least) {
        return ledger.atLeast(least);
    }

    public boolean reached(Context dots, Durability level) {
        return Dots.contains(atLeast(level), dots);
    }

    /** What was said first is compared with what is read after. */
    public void sampleWatermarks() {
        Context said = ledger.at(Durability.APPLIED);
        evidence.watermark(said, inDatabase());
    }

    // Waiting.

    public static boolean await(Duration patience, BooleanSupplier fact)
            throws InterruptedException {
        long started = System.nanoTime();
        while (!fact.getAsBoolean()) {
            if (since(started).compareTo(patience) > 0) return false;
            Thread.sleep(100);
        }
        return true;
    }

    public static boolean await(BooleanSupplier fact) throws InterruptedException {
        return await(PATIENCE, fact);
    }

    /**
     * Waits until all that the nurses wrote is in the record, and says from time to time how far
     * that is.
     */
    public boolean awaitDrained() throws InterruptedException {
        long started = System.nanoTime();
        long first = waiting();
        while (!isDrained()) {
            if (since(started).compareTo(DRAIN_PATIENCE) > 0) return false;
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

    private boolean isDrained() {
        Context all = Dots.minus(ledger.at(Durability.DEVICE), ledger.refusedDots());
        return Dots.contains(inDatabase(), all)
                && rings.nurses().stream().allMatch(nurse -> nurse.status().settled());
    }

    private long waiting() {
        return Dots.count(
                Dots.minus(
                        Dots.minus(ledger.at(Durability.DEVICE), ledger.refusedDots()),
                        inDatabase()));
    }

    /** Waits until every store has seen the same, and no device has anything left to send. */
    public boolean awaitEverywhere() throws InterruptedException {
        return await(this::isEverywhere);
    }

    /** Both of these; what does not come to rest is judged as it stands. */
    public void awaitQuiet() throws InterruptedException {
        begin("   Waiting until everything is everywhere");
        awaitDrained();
        if (!awaitEverywhere()) progress.line("   It is not everywhere: judged as it stands");
    }

    private boolean isEverywhere() {
        Context refused = ledger.refusedDots();
        Context truth = inDatabase();
        return StoreImage.contextOfLiving(rings.edgeStore()).equals(truth)
                && rings.devices().all().stream()
                        .allMatch(device ->
                                device.status().settled()
                                        && Dots.minus(seenBy(device), refused).equals(truth));
    }

    /** Waits until something that began at {@code startedNanos} has gone on for so long. */
    public static void last(long startedNanos, Duration time) throws InterruptedException {
        Thread.sleep(time.minus(since(startedNanos)));
    }

    /** About that long: the moment of a kill is to be another in every run. */
    public void pause(int millis) throws InterruptedException {
        Thread.sleep(millis / 2 + random.nextInt(millis / 2 + 1));
    }

    // The network.

    public void requireCut(Host from, Host to) {
        if (network.reaches(from, to, port(to)))
            throw new DrillException(
                    "the link from " + from + " to " + to + " was cut and still lets through");
        evidence.cut();
    }

    public void requireOpen(Host from, Host to) throws InterruptedException {
        if (!await(OPEN_PATIENCE, () -> network.reaches(from, to, port(to))))
            throw new DrillException("the link from " + from + " to " + to + " does not come back");
    }

    private int port(Host host) {
        return host == Host.EDGE ? rings.edgePort() : rings.regionPort(host);
    }

    // Words.

    public static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    public static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
    }

    public static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
