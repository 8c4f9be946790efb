package dev.holdfast.core.merge;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.ReplicaId;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The state of a document: per key, the entries that stand there, named by their dots. Two nodes
 * with equal contexts have documents with equal {@link #encoded() bytes}. Mutable, not thread-safe.
 */
public final class Document {
    private final TreeMap<Key, TreeMap<Dot, Entry>> keys = new TreeMap<>();

    /** A copy, of which nothing is shared but what never changes. */
    public Document copy() {
        Document copy = new Document();
        keys.forEach((key, entries) -> copy.keys.put(key, new TreeMap<>(entries)));
        return copy;
    }

    /** Where something stands, in order. */
    public Set<Key> keys() {
        return Collections.unmodifiableSet(keys.keySet());
    }

    /** The same from {@code first} on. */
    public Set<Key> keysFrom(Key first) {
        return Collections.unmodifiableSet(keys.tailMap(first, true).keySet());
    }

    /** What stands at {@code key}, in the order of dots. */
    public Map<Dot, Entry> at(Key key) {
        TreeMap<Dot, Entry> entries = keys.get(key);
        return entries == null ? Map.of() : Collections.unmodifiableMap(entries);
    }

    /** Whether nothing stands: such a document is not kept. */
    public boolean isEmpty() {
        return keys.isEmpty();
    }

    void put(Key key, Dot dot, Entry entry) {
        keys.computeIfAbsent(key, none -> new TreeMap<>()).put(dot, entry);
    }

    /** Removes an entry that an edit with reading {@code by} replaces. */
    void replace(Key key, Dot dot, Hlc by) {
        TreeMap<Dot, Entry> entries = keys.get(key);
        if (entries == null) return;
        Entry entry = entries.get(dot);
        if (entry == null || entry.hlc().compareTo(by) >= 0) return;
        entries.remove(dot);
        if (entries.isEmpty()) keys.remove(key);
    }

    /** Lowers the reading under which the entries of {@code dot} are shown. */
    void correct(Dot dot, Hlc reading) {
        for (TreeMap<Dot, Entry> entries : keys.values()) {
            entries.computeIfPresent(
                    dot,
                    (same, entry) ->
                            new Entry(
                                    entry.hlc(), Hlc.min(entry.shown(), reading), entry.payload()));
        }
    }

    /** Stamps the entries of {@code dot} anew: only for what was never handed to a transport. */
    public void restamp(Dot dot, Hlc reading) {
        for (TreeMap<Dot, Entry> entries : keys.values()) {
            entries.computeIfPresent(
                    dot, (same, entry) -> new Entry(reading, reading, entry.payload()));
        }
    }

    /**
     * Takes out what {@code dot} left standing: only for what never left its author, who writes it
     * again under another name. What it replaced does not come back.
     */
    public void withdraw(Dot dot) {
        keys.values()
                .removeIf(entries -> {
                    entries.remove(dot);
                    return entries.isEmpty();
                });
    }

    /** Takes out all that stands at {@code key}: only for a picture of what somebody has seen. */
    public void clear(Key key) {
        keys.remove(key);
    }

    public Bytes encoded() {
        CborWriter out = new CborWriter(256);
        out.array(keys.size());
        for (var key : keys.entrySet()) {
            out.array(4)
                    .text(key.getKey().path())
                    .integer(key.getKey().kind())
                    .bytes(key.getKey().element());
            out.array(key.getValue().size());
            for (var entry : key.getValue().entrySet()) {
                Hlc hlc = entry.getValue().hlc();
                out.array(5).bytes(entry.getKey().replica().bytes()).integer(entry.getKey().seq());
                out.integer(hlc.packed()).integer(hlc.packed() - entry.getValue().shown().packed());
                out.value(entry.getValue().payload());
            }
        }
        return out.toBytes();
    }

    public static Document decode(Bytes encoded) {
        CborReader in = new CborReader(encoded);
        Document document = new Document();
        int count = in.array();
        for (int k = 0; k < count; k++) {
            in.array(4);
            Key key = new Key(in.text(), (int) in.unsigned(255), in.bytes());
            if (!document.keys.isEmpty() && document.keys.lastKey().compareTo(key) >= 0)
                throw new MalformedException("keys out of order or twice");
            TreeMap<Dot, Entry> entries = new TreeMap<>();
            int size = in.array();
            for (int e = 0; e < size; e++) {
                in.array(5);
                Dot dot = new Dot(ReplicaId.of(in.bytes()), in.integer());
                if (!entries.isEmpty() && entries.lastKey().compareTo(dot) >= 0)
                    throw new MalformedException("entries out of order or twice");
                Hlc hlc = new Hlc(in.integer());
                Hlc shown = new Hlc(hlc.packed() - in.integer());
                entries.put(dot, new Entry(hlc, shown, in.value()));
            }
            if (entries.isEmpty()) throw new MalformedException("a key with nothing at it");
            document.keys.put(key, entries);
        }
        in.finish();
        return document;
    }
}
