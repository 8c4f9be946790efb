package dev.holdfast.steer.zone;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.TextParseException;

/**
 * A whole domain name, as it travels but in lower case: labels, each behind its length, and an
 * empty one at the end. Immutable.
 */
public final class DnsName {
    public static final int MAX_LENGTH = 255;
    public static final DnsName ROOT = new DnsName(new byte[1]);

    private final byte[] wire;
    private final int hash;

    private DnsName(byte[] wire) {
        this.wire = wire;
        this.hash = Arrays.hashCode(wire);
    }

    /**
     * Reads a name as people write it, with or without the dot at its end.
     *
     * @throws IllegalArgumentException when {@code text} is none
     */
    public static DnsName parse(String text) {
        try {
            return of(Name.fromString(text, Name.root));
        } catch (TextParseException e) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no name of a domain: " + e.getMessage(), e);
        }
    }

    static DnsName of(Name name) {
        return ofWire(name.toWireCanonical(), 0, name.length());
    }

    /** The name that stands in {@code bytes}, uncompressed and known to be whole. */
    public static DnsName ofWire(byte[] bytes, int offset, int length) {
        byte[] wire = Arrays.copyOfRange(bytes, offset, offset + length);
        for (int at = 0; wire[at] != 0; at += wire[at] + 1) {
            for (int i = at + 1; i <= at + wire[at]; i++) wire[i] = lower(wire[i]);
        }
        return new DnsName(wire);
    }

    /** ASCII letters only: DNS knows no other case. */
    public static byte lower(byte b) {
        return b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
    }

    /** How many labels, the root's apart. */
    public int labels() {
        int labels = 0;
        for (int at = 0; wire[at] != 0; at += wire[at] + 1) labels++;
        return labels;
    }

    /** Without the first label; the root has none. */
    public DnsName parent() {
        return new DnsName(Arrays.copyOfRange(wire, wire[0] + 1, wire.length));
    }

    /**
     * Below this one.
     *
     * @throws IllegalArgumentException when that is too long for a name
     */
    public DnsName child(byte[] label) {
        if (label.length == 0 || label.length > 63 || wire.length + label.length + 1 > MAX_LENGTH)
            throw new IllegalArgumentException("too long a name below " + this);
        byte[] child = new byte[wire.length + label.length + 1];
        child[0] = (byte) label.length;
        System.arraycopy(label, 0, child, 1, label.length);
        System.arraycopy(wire, 0, child, label.length + 1, wire.length);
        return ofWire(child, 0, child.length);
    }

    /** Whether there is room for one more label of {@code length}. */
    public boolean hasRoom(int length) {
        return wire.length + length + 1 <= MAX_LENGTH;
    }

    public boolean isRoot() {
        return wire.length == 1;
    }

    /** Whether the first label is {@code *}. */
    public boolean isWildcard() {
        return wire[0] == 1 && wire[1] == '*';
    }

    /** Whether the first label begins with an underscore, as those of services do. */
    public boolean isService() {
        return wire[0] > 0 && wire[1] == '_';
    }

    /** Whether it is {@code other}, or below it. */
    public boolean isWithin(DnsName other) {
        int from = wire.length - other.wire.length;
        if (from < 0 || !Arrays.equals(wire, from, wire.length, other.wire, 0, other.wire.length))
            return false;
        int at = 0;
        while (at < from) at += wire[at] + 1;
        return at == from; // not in the middle of a label that looks like the other
    }

    /** As it travels; not to be written to. */
    public byte[] unsafeWire() {
        return wire;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DnsName name && Arrays.equals(wire, name.wire);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** As people write it, without the dot at the end. */
    @Override
    public String toString() {
        try {
            return isRoot() ? "." : new Name(wire).toString(true);
        } catch (IOException e) {
            throw new IllegalStateException("a name that is none", e);
        }
    }
}
