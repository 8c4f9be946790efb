package dev.holdfast.drill.rings;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What was seen while the drill went on: after kills, between watermarks and the database, in each
 * state, after misfortunes. One thread adds to it.
 */
public final class Evidence {
    /** How acknowledgements of one level fared in kills. */
    public record Kept(int kills, long acknowledged, long missing) {}

    private final Map<Durability, Kept> kept = new EnumMap<>(Durability.class);
    private final List<Guarantee> seen = new ArrayList<>();
    private long watermarks;
    private long ahead;
    private int cuts;

    /** After a kill: what had been acknowledged at {@code level}, and what the store holds. */
    long killed(Durability level, Context acknowledged, Context found) {
        long missing = Dots.count(Dots.minus(acknowledged, found));
        Kept before = kept.getOrDefault(level, new Kept(0, 0, 0));
        kept.put(
                level,
                new Kept(
                        before.kills() + 1,
                        before.acknowledged() + Dots.count(acknowledged),
                        before.missing() + missing));
        return missing;
    }

    /** What was said to be APPLIED, and what PostgreSQL held after it was said. */
    void watermark(Context applied, Context found) {
        watermarks += Dots.count(applied);
        ahead += Dots.count(Dots.minus(applied, found));
    }

    /** A link was cut, and nothing got through. */
    void cut() {
        cuts++;
    }

    /** Whether something that must be so in a state, or after a misfortune, was so. */
    public void saw(String name, boolean held, String figure) {
        seen.add(new Guarantee(name, held, figure));
    }

    List<Guarantee> seen() {
        return List.copyOf(seen);
    }

    Kept kept(Durability level) {
        return kept.getOrDefault(level, new Kept(0, 0, 0));
    }

    long watermarks() {
        return watermarks;
    }

    long ahead() {
        return ahead;
    }

    int cuts() {
        return cuts;
    }
}
