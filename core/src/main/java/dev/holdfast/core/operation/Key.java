package dev.holdfast.core.operation;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.codec.Utf8;

/**
 * The place in a document that an edit is about: a path such as {@code address.city}, a kind, and
 * for a set also the element (encoded, else empty). The empty path is the document itself. Kinds
 * beyond those named here are kept whole and merged alike, so that a newer author's work survives.
 */
public record Key(String path, int kind, Bytes element) implements Comparable<Key> {
    public static final int REGISTER = 0;
    public static final int COUNTER = 1;
    public static final int SET = 2;

    /** The mark that a delete leaves in a {@code delete-wins} collection. */
    public static final int DELETED = 3;

    /**
     * A clock correction: its {@code over} names the dots, its payload the reading; it leaves no
     * entry.
     */
    public static final int CLOCK = 4;

    private static final int MAX_KIND = 255;

    public Key {
        requirePath(path);
        if (kind < 0 || kind > MAX_KIND)
            throw new MalformedException("a kind outside 0 to " + MAX_KIND);
        if (element.size() > Limits.ELEMENT_BYTES) {
            throw new MalformedException(
                    "an element of a set over " + Limits.ELEMENT_BYTES + " bytes");
        }
        boolean whole = kind == DELETED || kind == CLOCK;
        if (whole && !path.isEmpty())
            throw new MalformedException("a kind of whole documents with a path");
        if (kind == SET == (element.size() == 0) && kind <= CLOCK) {
            throw new MalformedException("an element where none belongs, or none where one does");
        }
    }

    public static Key register(String path) {
        return new Key(path, REGISTER, Bytes.EMPTY);
    }

    public static Key counter(String path) {
        return new Key(path, COUNTER, Bytes.EMPTY);
    }

    public static Key set(String path, Value element) {
        return new Key(path, SET, CborWriter.encode(element));
    }

    public static Key deleted() {
        return new Key("", DELETED, Bytes.EMPTY);
    }

    public static Key clock() {
        return new Key("", CLOCK, Bytes.EMPTY);
    }

    /** The element of a set. */
    public Value elementValue() {
        return CborReader.decode(element);
    }

    /** Whether this key stands at or below {@code other} in the tree of paths. */
    public boolean within(String other) {
        return other.isEmpty()
                || path.startsWith(other)
                        && (path.length() == other.length() || path.charAt(other.length()) == '.');
    }

    @Override
    public int compareTo(Key other) {
        int order = path.compareTo(other.path);
        if (order == 0) order = Integer.compare(kind, other.kind);
        return order != 0 ? order : element.compareTo(other.element);
    }

    /**
     * Refuses what is no path.
     *
     * @throws MalformedException unless {@code path} is empty or names without dots or control
     *     characters, joined by dots, within the limits
     */
    public static void requirePath(String path) {
        if (path.isEmpty()) return;
        Utf8.requireWellFormed(path);
        int depth = 1;
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c < 0x20 || c == 0x7f)
                throw new MalformedException("a path with a control character");
            if (c != '.') continue;
            depth++;
            if (i == 0 || i == path.length() - 1 || path.charAt(i - 1) == '.') {
                throw new MalformedException("a path with an empty name");
            }
        }
        if (depth > Limits.PATH_DEPTH)
            throw new MalformedException("a path deeper than " + Limits.PATH_DEPTH);
        if (Utf8.length(path) > Limits.PATH_BYTES)
            throw new MalformedException("a path over " + Limits.PATH_BYTES + " bytes");
    }
}
