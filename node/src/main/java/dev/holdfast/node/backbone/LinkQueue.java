package dev.holdfast.node.backbone;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What waits to go out over one link. The links' own frames first; then data, by lane, within a
 * lane in turn for each member whose streams it is of. A less urgent lane gets a share all the
 * same, so that nothing starves. What is relayed waits while its limit is reached, and holds up
 * nobody else.
 *
 * <p>Bounded: data by the windows of the streams, the links' own frames by a number. A machine; not
 * thread-safe.
 */
final class LinkQueue {
    /** More of the links' own frames mean that the link takes nothing. */
    static final int MAX_CONTROL = 20_000;

    /** Of what passes a waiting lane by, it gets a tenth. */
    private static final int SHARE = 10;

    /**
     * One that is sent.
     *
     * @param dataBytes what counts as data on the link; 0 for the links' own
     */
    record Item(Frame frame, @Nullable Circuit circuit, Lane lane, int dataBytes) {}

    private final RelayLimits limits;
    private final Deque<Frame> control = new ArrayDeque<>();
    private final Map<Lane, Map<String, Deque<Item>>> lanes = new EnumMap<>(Lane.class);
    private final long[] owed = new long[Lane.COUNT];
    private long waitingBytes;

    LinkQueue(RelayLimits limits) {
        this.limits = limits;
        for (Lane lane : Lane.values()) lanes.put(lane, new LinkedHashMap<>());
    }

    /** Whether there was room. */
    boolean add(Frame frame) {
        if (control.size() >= MAX_CONTROL) return false;
        control.add(frame);
        return true;
    }

    /** Behind what this circuit has here already. */
    void add(Circuit circuit, Frame.OfStream frame) {
        int bytes = frame instanceof Frame.Data data ? data.bytes().size() : 0;
        Map<String, Deque<Item>> lane = of(circuit.lane());
        lane.computeIfAbsent(circuit.turn(), _ -> new ArrayDeque<>())
                .add(new Item(frame, circuit, circuit.lane(), bytes));
        waitingBytes += bytes;
    }

    /**
     * What goes next, or null.
     *
     * @param room whether the link takes data
     */
    @Nullable Item poll(boolean room, long now) {
        Frame own = control.poll();
        if (own != null) return new Item(own, null, Lane.CONTROL, 0);
        if (!room) return null;
        for (Lane lane : Lane.values()) {
            if (owed[lane.code()] < (SHARE - 1L) * Frame.MAX_DATA_BYTES) continue;
            Item starved = pollLane(lane, now);
            owed[lane.code()] = 0;
            if (starved != null) return starved;
        }
        for (Lane lane : Lane.values()) {
            Item next = pollLane(lane, now);
            if (next == null) continue;
            for (Lane passed : Lane.values()) {
                boolean waits = passed.code() > lane.code() && !of(passed).isEmpty();
                if (waits) owed[passed.code()] += next.dataBytes();
            }
            return next;
        }
        return null;
    }

    /** Whether there is data that only a limit holds back, or the window. */
    boolean hasData() {
        return lanes.values().stream().anyMatch(lane -> !lane.isEmpty());
    }

    long waitingBytes() {
        return waitingBytes;
    }

    private @Nullable Item pollLane(Lane lane, long now) {
        Iterator<Map.Entry<String, Deque<Item>>> turns = of(lane).entrySet().iterator();
        while (turns.hasNext()) {
            Map.Entry<String, Deque<Item>> turn = turns.next();
            Item next = firstLiving(turn.getValue());
            if (next == null) {
                turns.remove();
                continue;
            }
            String relayedFor = relayedFor(next);
            if (relayedFor != null && !limits.isOpen(relayedFor, now)) continue;
            turn.getValue().remove();
            waitingBytes -= next.dataBytes();
            if (relayedFor != null) limits.take(relayedFor, next.dataBytes(), now);
            // To the end of the line.
            turns.remove();
            if (!turn.getValue().isEmpty()) of(lane).put(turn.getKey(), turn.getValue());
            return next;
        }
        return null;
    }

    private static @Nullable String relayedFor(Item item) {
        Circuit circuit = item.circuit();
        return circuit != null && circuit.isRelayed() ? circuit.origin() : null;
    }

    /** What belongs to a circuit that was reset is not sent any more. */
    private @Nullable Item firstLiving(Deque<Item> items) {
        while (true) {
            Item first = items.peek();
            if (first == null || first.circuit() == null || !first.circuit().isReset())
                return first;
            items.remove();
            waitingBytes -= first.dataBytes();
        }
    }

    private Map<String, Deque<Item>> of(Lane lane) {
        Map<String, Deque<Item>> found = lanes.get(lane);
        if (found == null) throw new IllegalStateException("a lane without a queue");
        return found;
    }
}
