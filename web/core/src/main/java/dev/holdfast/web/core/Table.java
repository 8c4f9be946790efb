package dev.holdfast.web.core;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Part of an {@link Image}: sorted rows of immutable values, each change of which can be taken back
 * and, where the table has a {@link Form}, is noted for the durable store. A table without one is
 * an index over others.
 */
final class Table<K extends Comparable<? super K>, V> {
    final TreeMap<K, V> rows = new TreeMap<>();

    private final Image image;
    private final String scope;
    private final @Nullable Form<K, V> form;

    /**
     * How rows are written.
     *
     * @param code what distinguishes this table's rows from others'; it is stored, and never
     *     changes
     * @param keyParts how many items {@code writeKey} writes
     */
    record Form<K, V>(
            int code,
            int keyParts,
            BiConsumer<CborWriter, K> writeKey,
            Function<CborReader, K> readKey,
            BiConsumer<CborWriter, V> writeValue,
            Function<CborReader, V> readValue) {}

    Table(Image image, String scope, @Nullable Form<K, V> form) {
        this.image = image;
        this.scope = scope;
        this.form = form;
    }

    /** Puts, or with null removes. */
    void put(K key, @Nullable V value) {
        V before = set(key, value);
        image.noteUndo(() -> set(key, before));
        if (form != null) image.noteChange(this, key);
    }

    private @Nullable V set(K key, @Nullable V value) {
        return value == null ? rows.remove(key) : rows.put(key, value);
    }

    /** The row as it is to be kept; without a value where it is to be forgotten. */
    Image.Row row(K key) {
        Form<K, V> how = form();
        CborWriter name = new CborWriter(48);
        name.array(2 + how.keyParts()).integer(how.code()).text(scope);
        how.writeKey().accept(name, key);
        V value = rows.get(key);
        if (value == null) return new Image.Row(name.toBytes(), null);
        CborWriter content = new CborWriter(128);
        how.writeValue().accept(content, value);
        return new Image.Row(name.toBytes(), content.toBytes());
    }

    /** Takes in a row that was kept; {@code name} stands behind the scope. */
    void load(CborReader name, Bytes content) {
        Form<K, V> how = form();
        K key = how.readKey().apply(name);
        name.finish();
        CborReader in = new CborReader(content);
        rows.put(key, how.readValue().apply(in));
        in.finish();
    }

    private Form<K, V> form() {
        Form<K, V> how = form;
        if (how == null) throw new IllegalStateException("an index is not kept");
        return how;
    }
}
