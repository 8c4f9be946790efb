package dev.holdfast.drill.bench;

import dev.holdfast.cli.output.Failure;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.drill.clinic.ClinicData;
import dev.holdfast.drill.clinic.ClinicWrite;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * How long a write takes from one device to another through a real edge: from the call on the first
 * until it is flushed on the second, flushed at the edge in between. Beside it, the least that such
 * a way can take: three bare flushes and two loopback hops.
 */
final class LiveBench implements Bench {
    private static final String SCOPE = "clinic-1";
    private static final int WRITES_PER_SECOND = 100;
    private static final Duration WARM = Duration.ofSeconds(6);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int ROUNDS = 3;

    @Override
    public String name() {
        return "live";
    }

    @Override
    public String about() {
        return "device to edge to second device";
    }

    @Override
    public boolean isMeasuredHere() {
        return false;
    }

    @Override
    public Report run(Run run) throws Exception {
        Histogram seen = new ConcurrentHistogram(3);
        Histogram safe = new ConcurrentHistogram(3);
        Histogram bare = new Histogram(3);
        Duration each = run.time().dividedBy(ROUNDS);
        ClinicData data = new ClinicData(run.seed());
        Path folder = Files.createDirectory(run.folder().resolve("live"));
        run.progress().at("starting an edge");
        try (EdgeChild edge = EdgeChild.start(folder, run.recording());
                LinkedDevice first = LinkedDevice.join(edge, folder, "amina", SCOPE);
                LinkedDevice second = LinkedDevice.join(edge, folder, "bashir", SCOPE);
                BareRelay relay = BareRelay.start(folder)) {
            Way way = new Way(first, second, data);
            run.progress().at("warming up");
            way.measure(WARM, new ConcurrentHistogram(3), new ConcurrentHistogram(3));
            relay.measure(Duration.ofSeconds(1), WRITES_PER_SECOND, new Histogram(3));
            for (int i = 0; i < ROUNDS; i++) {
                run.progress().at("round " + (i + 1) + " of " + ROUNDS);
                way.measure(each, seen, safe);
                relay.measure(each, WRITES_PER_SECOND, bare);
            }
        }
        return new Report(
                name(),
                List.of(
                        millis("seen on the second device, p50", seen, bare, 50)
                                .aiming(Aim.atMost(5)),
                        millis("seen on the second device, p99", seen, bare, 99)
                                .aiming(Aim.atMost(25)),
                        millis("safe at the edge, p50", safe, bare, 50),
                        millis("safe at the edge, p99", safe, bare, 99)),
                List.of(
                        String.format(
                                "%,d writes, %d a second, from the call on the first device; a write"
                                        + " that had to begin late counts from when it was due.",
                                seen.getTotalCount(), WRITES_PER_SECOND),
                        "Seen: flushed in the second device's store. Safe: the edge's receipt,"
                                + " verified, is flushed in the first's.",
                        "A ratio of 3 is three times as slow as the bare way."),
                List.of());
    }

    private static Figure millis(String name, Histogram times, Histogram bare, double percentile) {
        return Figure.of(name, times.getValueAtPercentile(percentile) / 1e6, "ms")
                .beside(
                        bare.getValueAtPercentile(percentile) / 1e6,
                        "three bare flushes and two loopback hops");
    }

    /** The way of a write, measured. */
    private static final class Way {
        private final LinkedDevice first;
        private final ClinicData data;
        private final Map<DocumentId, Long> startedNanos = new ConcurrentHashMap<>();
        private final NavigableMap<Long, Long> unsafeNanos = new ConcurrentSkipListMap<>();
        private volatile Histogram seen = new ConcurrentHistogram(3);
        private volatile Histogram safe = new ConcurrentHistogram(3);

        Way(LinkedDevice first, LinkedDevice second, ClinicData data) {
            this.first = first;
            this.data = data;
            second.onDocuments(this::saw);
            first.onEdgeReceipt(this::acknowledged);
        }

        void measure(Duration time, Histogram seenTimes, Histogram safeTimes) {
            seen = seenTimes;
            safe = safeTimes;
            long gap = 1_000_000_000L / WRITES_PER_SECOND;
            long due = System.nanoTime();
            long end = due + time.toNanos();
            while (due < end) {
                while (System.nanoTime() < due) LockSupport.parkNanos(due - System.nanoTime());
                ClinicWrite write = fresh();
                // The next number is known before the write: its receipt may overtake its return.
                startedNanos.put(write.document(), due);
                unsafeNanos.put(first.nextSeq(), due);
                first.write(write, System.currentTimeMillis());
                due += gap;
            }
            awaitAll();
        }

        /** A document that nobody wrote before, so that seeing it tells which write is seen. */
        private ClinicWrite fresh() {
            ClinicWrite write = data.next();
            while (write.document().collection().equals("patients")) write = data.next();
            return write;
        }

        private void saw(Iterable<DocumentId> documents) {
            long now = System.nanoTime();
            for (DocumentId id : documents) {
                Long started = startedNanos.remove(id);
                if (started != null) seen.recordValue(now - started);
            }
        }

        private void acknowledged(long from, long to) {
            long now = System.nanoTime();
            NavigableMap<Long, Long> reached = unsafeNanos.subMap(from, true, to, true);
            for (var one = reached.pollFirstEntry(); one != null; one = reached.pollFirstEntry()) {
                safe.recordValue(now - one.getValue());
            }
        }

        private void awaitAll() {
            long until = System.nanoTime() + PATIENCE.toNanos();
            while (!startedNanos.isEmpty() || !unsafeNanos.isEmpty()) {
                if (System.nanoTime() > until) {
                    throw new Failure(
                            "not every write arrived",
                            startedNanos.size()
                                    + " were not seen, and "
                                    + unsafeNanos.size()
                                    + " not acknowledged, within "
                                    + PATIENCE.toSeconds()
                                    + " s",
                            "holdfast drill states, and report what it prints");
                }
                LockSupport.parkNanos(5_000_000);
            }
        }
    }
}
