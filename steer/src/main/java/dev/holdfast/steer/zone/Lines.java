package dev.holdfast.steer.zone;

import dev.holdfast.steer.pool.Place;
import dev.holdfast.steer.pool.Standings;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * Which line of users an address is of: the one with the longest prefix of it. A binary trie for
 * each family, so that an answer also knows how many bits decided; no other address with the same
 * bits can be of another line, which is what RFC 7871 calls the scope. Immutable.
 */
public final class Lines {
    /** Where there are no networks, nothing decides. */
    private static final Found UNDIVIDED = new Found(0, 0, Optional.empty());

    private final List<String> names;
    private final Map<String, Place> places;
    private final Bit v4;
    private final Bit v6;

    /** A place in a trie; written only while it is built. */
    private static final class Bit {
        @Nullable Bit zero;
        @Nullable Bit one;
        @Nullable Match match;

        @Nullable Bit next(boolean set) {
            return set ? one : zero;
        }

        Bit grow(boolean set) {
            Bit next = next(set);
            if (next == null) {
                next = new Bit();
                if (set) one = next;
                else zero = next;
            }
            return next;
        }
    }

    private record Match(int line, Network network) {}

    /**
     * What is known of an address.
     *
     * @param line the number of its line
     * @param bits how many of its bits decided that
     * @param network the one that holds it, if any
     */
    public record Found(int line, int bits, Optional<Network> network) {}

    /** Lines by name; one may be {@code default}, and then has no networks. */
    Lines(Map<String, LineSettings> settings) {
        SequencedSet<String> all = new LinkedHashSet<>();
        all.add(Standings.EVERYBODY_ELSE);
        all.addAll(settings.keySet());
        this.names = List.copyOf(all);
        Map<String, Place> known = new LinkedHashMap<>();
        this.v4 = new Bit();
        this.v6 = new Bit();
        settings.forEach((name, line) -> {
            if (line.latitude().isPresent() && line.longitude().isPresent())
                known.put(name, new Place(line.latitude().get(), line.longitude().get()));
            line.networks().forEach(text -> add(names.indexOf(name), Network.parse(text)));
        });
        this.places = Collections.unmodifiableMap(known);
    }

    private void add(int line, Network network) {
        byte[] address = network.address().getAddress();
        Bit at = address.length == 4 ? v4 : v6;
        for (int i = 0; i < network.bits(); i++) at = at.grow(bit(address, i));
        Match there = at.match;
        if (there != null && there.line() != line)
            throw new IllegalArgumentException(
                    network + " is already of the line " + names.get(there.line()));
        at.match = new Match(line, network);
    }

    /** All of them, the default one first; a line's number is its place here. */
    public List<String> names() {
        return names;
    }

    /** Where the users of {@code line} are, if that is known. */
    public Optional<Place> place(String line) {
        return Optional.ofNullable(places.get(line));
    }

    /**
     * The line of an address of 4 or 16 bytes.
     *
     * @param known how many bits of it are; the rest is taken for zeros
     */
    public Found of(byte[] address, int known) {
        Bit at = address.length == 4 ? v4 : v6;
        Match best = at.match;
        int depth = 0;
        while (depth < address.length * 8) {
            // With a branch on the other side alone, this bit still decided.
            boolean leaf = at.zero == null && at.one == null;
            if (leaf) break;
            Bit next = at.next(depth < known && bit(address, depth));
            depth++;
            if (next == null) break;
            at = next;
            if (at.match != null) best = at.match;
        }
        if (depth == 0 && best == null) return UNDIVIDED;
        return best == null
                ? new Found(0, depth, Optional.empty())
                : new Found(best.line(), depth, Optional.of(best.network()));
    }

    private static boolean bit(byte[] address, int index) {
        return (address[index >> 3] >> (7 - (index & 7)) & 1) != 0;
    }
}
