package dev.holdfast.keys;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * A bounded memory of results that are costly to compute and cheap to compute again.
 *
 * <p>Two generations: what is used moves to the young one, and when that is full it becomes the old
 * one, whose rest is forgotten. So it never holds more than {@code capacity} entries (a few more
 * while threads race), keeps what is in use, and a reader takes no lock. Thread-safe; two threads
 * that miss at the same moment both compute.
 */
public final class Recent<K, V> {
    /** A class, not a record: a pair is compared by its identity. */
    private static final class Generations<K, V> {
        final ConcurrentHashMap<K, V> young = new ConcurrentHashMap<>();
        final ConcurrentHashMap<K, V> old;

        Generations(ConcurrentHashMap<K, V> old) {
            this.old = old;
        }
    }

    private final int half;
    private volatile Generations<K, V> generations = new Generations<>(new ConcurrentHashMap<>());

    public Recent(int capacity) {
        if (capacity < 2) throw new IllegalArgumentException("capacity below 2: " + capacity);
        this.half = capacity / 2;
    }

    /**
     * The value of {@code key}, computed when it is not remembered. What {@code compute} throws
     * passes.
     */
    public V get(K key, Function<? super K, ? extends V> compute) {
        Generations<K, V> now = generations;
        V known = now.young.get(key);
        if (known != null) return known;
        known = now.old.get(key);
        V value = known != null ? known : compute.apply(key);
        remember(key, value);
        return value;
    }

    /** How many are remembered now. */
    public int size() {
        Generations<K, V> now = generations;
        return now.young.size() + now.old.size();
    }

    public void clear() {
        generations = new Generations<>(new ConcurrentHashMap<>());
    }

    private void remember(K key, V value) {
        Generations<K, V> now = generations;
        now.old.remove(key);
        now.young.put(key, value);
        if (now.young.size() >= half) retire(now);
    }

    private synchronized void retire(Generations<K, V> full) {
        if (generations == full) {
            generations = new Generations<>(full.young);
        }
    }
}
