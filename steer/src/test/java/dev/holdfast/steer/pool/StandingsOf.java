package dev.holdfast.steer.pool;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** Standings that a test sets; for all lines alike. */
public final class StandingsOf implements Standings {
    private final Map<String, Standing> known = new HashMap<>();
    private long version;

    /** Everything unjudged. */
    public static StandingsOf nobody() {
        return new StandingsOf();
    }

    public StandingsOf up(String... names) {
        for (String name : names) known.put(name, new Standing.Up(Instant.EPOCH, "it answers"));
        version++;
        return this;
    }

    public StandingsOf down(String... names) {
        for (String name : names) known.put(name, new Standing.Down(Instant.EPOCH, "no answer"));
        version++;
        return this;
    }

    public StandingsOf drained(String... names) {
        for (String name : names) known.put(name, new Standing.Drained(Instant.EPOCH, "taken out"));
        version++;
        return this;
    }

    @Override
    public long version() {
        return version;
    }

    @Override
    public Standing of(EndpointName endpoint, String line) {
        return known.getOrDefault(endpoint.toString(), new Standing.Unjudged("not checked yet"));
    }
}
