package dev.holdfast.core.sync;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.sync.Uplink.Action;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * When a device asks what became of operations that others wrote. A part of {@link Uplink}.
 *
 * <p>Nodes tell only those who answer for an operation what becomes of it: to tell all who read it
 * would be as much again as the operations themselves. So who shows it asks, soon after it came,
 * and while something is not known to be safe at longer and longer times, a minute at most.
 */
final class Wondering {
    private static final long SOON_MILLIS = 1_000;
    private static final long FIRST_WAIT_MILLIS = 5_000;
    private static final long LAST_WAIT_MILLIS = 60_000;

    /** Scopes that are looked up in one tick: an edge opens thousands in a second. */
    private static final int AT_ONCE = 100;

    private static final class Turn {
        /** Whether there may be something to ask. */
        boolean open;

        long dueMillis;
        long waitMillis = FIRST_WAIT_MILLIS;

        /** When the last question may be followed by another. */
        long freeMillis;

        /** The last replica that was asked about. */
        @Nullable ReplicaId after;
    }

    private final Map<String, Turn> turns = new LinkedHashMap<>();

    /** Something of the scope may be not known to be safe. */
    void about(String scope, long nowMillis) {
        Turn turn = turns.computeIfAbsent(scope, none -> new Turn());
        if (turn.open) return;
        turn.open = true;
        turn.dueMillis = Math.max(nowMillis + SOON_MILLIS, turn.freeMillis);
    }

    /** What is to be looked up now. */
    List<Action> due(long nowMillis) {
        List<Action> due = new ArrayList<>();
        for (var entry : turns.entrySet()) {
            Turn turn = entry.getValue();
            // A clock that was set back starts the wait anew.
            turn.freeMillis = Math.min(turn.freeMillis, nowMillis + LAST_WAIT_MILLIS);
            turn.dueMillis = Math.min(turn.dueMillis, nowMillis + LAST_WAIT_MILLIS);
            if (!turn.open || turn.dueMillis > nowMillis || due.size() == AT_ONCE) continue;
            turn.open = false;
            due.add(new Action.Wonder(entry.getKey(), turn.after));
        }
        return due;
    }

    /** Whether to ask about this, which is all or the next of what is not known. */
    boolean asks(String scope, Context about, long nowMillis) {
        Turn turn = turns.get(scope);
        if (turn == null) return false;
        if (about.isEmpty()) {
            turn.waitMillis = FIRST_WAIT_MILLIS;
            turn.after = null;
            return false;
        }
        for (ReplicaId replica : about.replicas().keySet()) turn.after = replica;
        turn.freeMillis = nowMillis + turn.waitMillis;
        turn.dueMillis = turn.freeMillis;
        turn.open = true;
        turn.waitMillis = Math.min(LAST_WAIT_MILLIS, 2 * turn.waitMillis);
        return true;
    }
}
