package dev.holdfast.drill.sim;

import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What was promised, kept outside every node: which operations were acknowledged, how far, and what
 * each should do. The judge of a simulation; no node reads it.
 */
final class Claims {
    /**
     * An operation that a device's user saw saved.
     *
     * @param increments per document, what it adds to that document's counter
     */
    record Written(String scope, Dot dot, Map<DocumentId, Long> increments, boolean forbidden) {}

    /** A promise that turned out to be false. */
    static final class Broken extends AssertionError {
        private static final long serialVersionUID = 1L;

        Broken(String what) {
            super(what);
        }
    }

    private final Map<String, TreeMap<Dot, Written>> written = new HashMap<>();
    private final Map<String, TreeMap<Dot, Durability>> reached = new HashMap<>();
    private final Map<String, List<Dot>> refused = new HashMap<>();
    int acknowledged;

    void saved(Written operation) {
        written.computeIfAbsent(operation.scope(), none -> new TreeMap<>())
                .put(operation.dot(), operation);
        acknowledged++;
    }

    /** The author learned that {@code dot} is at {@code level}. */
    void reached(String scope, Dot dot, Durability level) {
        reached.computeIfAbsent(scope, none -> new TreeMap<>())
                .merge(dot, level, (a, b) -> a.reaches(b) ? a : b);
    }

    void refused(String scope, Dot dot) {
        refused.computeIfAbsent(scope, none -> new ArrayList<>()).add(dot);
    }

    Map<Dot, Written> written(String scope) {
        return written.getOrDefault(scope, new TreeMap<>());
    }

    Map<Dot, Durability> reached(String scope) {
        return reached.getOrDefault(scope, new TreeMap<>());
    }

    List<Dot> refused(String scope) {
        return refused.getOrDefault(scope, List.of());
    }

    static void hold(boolean fact, String otherwise) {
        if (!fact) throw new Broken(otherwise);
    }
}
