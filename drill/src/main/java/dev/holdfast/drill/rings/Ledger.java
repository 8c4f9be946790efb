package dev.holdfast.drill.rings;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.drill.process.DrillException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the devices' people were told: written down line by line in the drill's own process, which
 * nobody kills. A line is heard only after the device that says it has flushed what it speaks of.
 *
 * <p>Lines of {@link DeviceMain}: {@code replica ID}, {@code begin COLLECTION ID VISITS}, {@code
 * saved REPLICA SEQ COLLECTION ID VISITS VALUE}, {@code unsaved KIND MESSAGE}, {@code reached LEVEL
 * REPLICA FROM TO}, {@code refused REPLICA FROM TO CODE}; others are nothing to this class.
 * Thread-safe.
 */
public final class Ledger {
    /** A write that was begun. */
    public record Begun(DocumentId document, long visits) {}

    /**
     * A write that its author saw saved.
     *
     * @param visits what it adds to the document's counter
     * @param value what it put into a contested register, or entered into a {@link Tally}; {@code
     *     -} for other writes
     */
    public record Saved(String device, Dot dot, DocumentId document, long visits, String value) {
        boolean isContested() {
            return !value.equals("-");
        }
    }

    private final Map<Dot, Saved> saved = new LinkedHashMap<>();
    private final Map<String, Begun> open = new HashMap<>();
    private final List<Begun> unfinished = new ArrayList<>();
    private final Map<String, List<String>> unsaved = new HashMap<>();
    private final Map<Durability, Context> reached = new EnumMap<>(Durability.class);
    private final Map<Dot, String> refused = new LinkedHashMap<>();
    private final Map<String, ReplicaId> replicas = new HashMap<>();
    private final Map<Dot, Long> savedNanos = new HashMap<>();
    private final Map<Dot, Long> elsewhereNanos = new HashMap<>();
    private long reused;

    /** Takes down what {@code device} said. */
    public synchronized void heard(String device, String line) {
        String[] words = line.split(" ", -1);
        switch (words[0]) {
            case "replica" -> replicas.put(device, ReplicaId.parse(words[1]));
            case "begin" -> {
                Begun before =
                        open.put(
                                device,
                                new Begun(
                                        new DocumentId(words[1], words[2]),
                                        Long.parseLong(words[3])));
                if (before != null) unfinished.add(before);
            }
            case "saved" -> {
                open.remove(device);
                Dot dot = new Dot(ReplicaId.parse(words[1]), Long.parseLong(words[2]));
                DocumentId document = new DocumentId(words[3], words[4]);
                Saved now = new Saved(device, dot, document, Long.parseLong(words[5]), words[6]);
                if (saved.put(dot, now) != null) reused++;
                savedNanos.putIfAbsent(dot, System.nanoTime());
                add(Durability.DEVICE, dot.replica(), dot.seq(), dot.seq());
            }
            case "unsaved" -> {
                Begun begun = open.remove(device);
                // On a full disk it is nowhere; where the flush failed, nobody knows.
                if (begun != null && !words[1].equals("FULL")) unfinished.add(begun);
                unsaved.computeIfAbsent(device, none -> new ArrayList<>())
                        .add(line.substring(line.indexOf(' ') + 1));
            }
            case "reached" ->
                    add(
                            Durability.valueOf(words[1]),
                            ReplicaId.parse(words[2]),
                            Long.parseLong(words[3]),
                            Long.parseLong(words[4]));
            case "refused" -> {
                ReplicaId replica = ReplicaId.parse(words[1]);
                for (long seq = Long.parseLong(words[2]); seq <= Long.parseLong(words[3]); seq++)
                    refused.put(new Dot(replica, seq), words[4]);
            }
            default -> {}
        }
    }

    private void add(Durability level, ReplicaId replica, long from, long to) {
        Context known = reached.computeIfAbsent(level, none -> new Context());
        if (level != Durability.DEVICE) {
            // Receipts speak of much that was told before.
            Intervals fresh = Intervals.of(from, to).minus(known.of(replica));
            for (int i = 0; i < fresh.count(); i++) {
                for (long seq = fresh.from(i); seq <= fresh.to(i); seq++)
                    elsewhereNanos.putIfAbsent(new Dot(replica, seq), System.nanoTime());
            }
        }
        known.add(replica, from, to);
    }

    /**
     * How long each write of {@code device} took from its being saved to its first acknowledgement
     * by any other node, as they were heard; those without one are left out.
     */
    public synchronized List<Duration> waits(String device) {
        List<Duration> waits = new ArrayList<>();
        for (Saved each : saved.values()) {
            Long reached = elsewhereNanos.get(each.dot());
            if (!each.device().equals(device) || reached == null) continue;
            long nanos = reached - Objects.requireNonNull(savedNanos.get(each.dot()));
            // It may be told before the application gets to say that it was saved.
            waits.add(Duration.ofNanos(Math.max(0, nanos)));
        }
        return waits;
    }

    /** Which dots were acknowledged at exactly this level. */
    public synchronized Context at(Durability level) {
        return new Context(reached.getOrDefault(level, new Context()));
    }

    /** Which dots were acknowledged at this level or above. */
    public synchronized Context atLeast(Durability least) {
        Context all = new Context();
        reached.forEach((level, dots) -> {
            if (level.reaches(least)) all.addAll(dots);
        });
        return all;
    }

    /** What was entered into a {@link Tally}, or a contested register, by what was saved. */
    public synchronized Set<String> values() {
        Set<String> values = new TreeSet<>();
        for (Saved each : saved.values()) {
            if (!each.value().equals("-")) values.add(each.value());
        }
        return values;
    }

    /** The dots that {@code device} saw saved. */
    public synchronized Context savedBy(String device) {
        Context dots = new Context();
        for (Saved each : saved.values()) {
            if (each.device().equals(device))
                dots.add(each.dot().replica(), each.dot().seq(), each.dot().seq());
        }
        return dots;
    }

    public synchronized List<Saved> saved() {
        return List.copyOf(saved.values());
    }

    /** How a device's store told its application that a write was not saved, kind first. */
    public synchronized List<String> unsaved(String device) {
        return List.copyOf(unsaved.getOrDefault(device, List.of()));
    }

    /**
     * For a drill whose disks are whole.
     *
     * @throws DrillException when a device's store has refused a write
     */
    synchronized void requireAllSaved() {
        unsaved.forEach((device, told) -> {
            throw new DrillException(
                    told.size() + " writes were not saved on " + device + ": " + told.getFirst());
        });
    }

    /** How often a write was saved under the dot of another one. */
    public synchronized long reused() {
        return reused;
    }

    /** Writes whose author was killed before it could say that they are saved; they may be. */
    synchronized List<Begun> unfinished() {
        List<Begun> all = new ArrayList<>(unfinished);
        all.addAll(open.values());
        return all;
    }

    /** The refused dots, each with its code. */
    public synchronized Map<Dot, String> refused() {
        return Map.copyOf(refused);
    }

    public synchronized Context refusedDots() {
        Context dots = new Context();
        refused.keySet().forEach(dot -> dots.add(dot.replica(), dot.seq(), dot.seq()));
        return dots;
    }

    /** The author behind each device. */
    public synchronized Map<String, ReplicaId> replicas() {
        return Map.copyOf(replicas);
    }
}
