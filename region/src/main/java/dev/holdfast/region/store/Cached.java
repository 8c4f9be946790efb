package dev.holdfast.region.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction knows of one table, rows that are not there included, and which rows it must
 * write at its end. Not thread-safe.
 */
final class Cached<K extends Comparable<K>, V> {
    private final Map<K, Optional<V>> known = new HashMap<>();
    private final Set<K> changed = new LinkedHashSet<>();

    boolean knows(K key) {
        return known.containsKey(key);
    }

    @Nullable V get(K key, Function<K, @Nullable V> read) {
        Optional<V> row = known.get(key);
        if (row == null) {
            row = Optional.ofNullable(read.apply(key));
            known.put(key, row);
        }
        return row.orElse(null);
    }

    /** Learns what was read, unless it knows better. */
    void loaded(K key, @Nullable V row) {
        known.putIfAbsent(key, Optional.ofNullable(row));
    }

    /** Of rows that were asked for, those that did not come are not there. */
    void missing(Iterable<K> asked) {
        for (K key : asked) loaded(key, null);
    }

    /** To be written; null removes. */
    void put(K key, @Nullable V row) {
        known.put(key, Optional.ofNullable(row));
        changed.add(key);
    }

    /** The keys of what is to be written or removed. */
    Set<K> changed() {
        return Set.copyOf(changed);
    }

    boolean isChanged() {
        return !changed.isEmpty();
    }

    /** The rows to write, or with {@code absent} the keys to remove, in order of their keys. */
    List<K> takeKeys(boolean absent) {
        List<K> keys = new ArrayList<>();
        for (K key : changed) if (row(key).isEmpty() == absent) keys.add(key);
        keys.forEach(changed::remove);
        // In one order everywhere, so that two transactions do not wait for each other.
        keys.sort(null);
        return keys;
    }

    V row(K key, String what) {
        return row(key).orElseThrow(() -> new IllegalStateException("no " + what));
    }

    private Optional<V> row(K key) {
        return Objects.requireNonNull(known.get(key));
    }
}
