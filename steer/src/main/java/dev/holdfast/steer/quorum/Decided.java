package dev.holdfast.steer.quorum;

import dev.holdfast.steer.pool.EndpointName;
import dev.holdfast.steer.pool.Standing;
import dev.holdfast.steer.pool.Standings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How all endpoints stand for all lines, as {@link Quorum} decided at one moment. Immutable. */
public final class Decided implements Standings {
    /** Nothing is decided. */
    public static final Decided NOTHING = new Decided(0, Map.of());

    private final long version;
    private final Map<String, Map<EndpointName, Standing>> byLine;

    /** An endpoint stands otherwise for a line than it did. */
    public record Change(EndpointName endpoint, String line, Standing before, Standing now) {}

    private Decided(long version, Map<String, Map<EndpointName, Standing>> byLine) {
        this.version = version;
        this.byLine = byLine;
    }

    /** Those that were decided next; with another version only where something changed by it. */
    Decided followedBy(Map<String, Map<EndpointName, Standing>> next) {
        Map<String, Map<EndpointName, Standing>> copy = new HashMap<>();
        next.forEach((line, standings) -> copy.put(line, Map.copyOf(standings)));
        Decided after = new Decided(version, Map.copyOf(copy));
        boolean same = after.byLine.keySet().equals(byLine.keySet()) && after.since(this).isEmpty();
        return same ? after : new Decided(version + 1, after.byLine);
    }

    /** What has changed since {@code before}; not where only the words are others. */
    public List<Change> since(Decided before) {
        List<Change> changes = new ArrayList<>();
        byLine.forEach((line, standings) ->
                standings.forEach((endpoint, now) -> {
                    Standing was = before.of(endpoint, line);
                    if (!now.getClass().equals(was.getClass()))
                        changes.add(new Change(endpoint, line, was, now));
                }));
        before.byLine.forEach((line, standings) ->
                standings.forEach((endpoint, was) -> {
                    Standing now = of(endpoint, line);
                    boolean gone = !byLine.getOrDefault(line, Map.of()).containsKey(endpoint);
                    if (gone && byLine.containsKey(line))
                        changes.add(new Change(endpoint, line, was, now));
                }));
        return changes;
    }

    /** The lines that are told apart; all others are as {@link #EVERYBODY_ELSE}. */
    public Set<String> lines() {
        return byLine.keySet();
    }

    @Override
    public long version() {
        return version;
    }

    @Override
    public Standing of(EndpointName endpoint, String line) {
        Map<EndpointName, Standing> standings = byLine.get(line);
        if (standings == null) standings = byLine.getOrDefault(EVERYBODY_ELSE, Map.of());
        Standing standing = standings.get(endpoint);
        return standing == null ? NONE.of(endpoint, line) : standing;
    }
}
