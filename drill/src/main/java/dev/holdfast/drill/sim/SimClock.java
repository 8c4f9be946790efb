package dev.holdfast.drill.sim;

/** A node's own idea of the time: it can be stepped, and run fast or slow. */
final class SimClock {
    private final World world;
    private long aheadMillis;
    private long sinceMillis;
    private int driftPerMille;

    SimClock(World world) {
        this.world = world;
    }

    long millis() {
        return world.nowMillis() + aheadMillis();
    }

    long aheadMillis() {
        return aheadMillis + (world.nowMillis() - sinceMillis) * driftPerMille / 1_000;
    }

    void step(long ahead) {
        aheadMillis = ahead;
        sinceMillis = world.nowMillis();
    }

    /** From now on, {@code perMille} too fast or too slow. */
    void drift(int perMille) {
        step(aheadMillis());
        driftPerMille = perMille;
    }
}
