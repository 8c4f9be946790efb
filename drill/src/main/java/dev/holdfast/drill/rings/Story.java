package dev.holdfast.drill.rings;

import java.util.Map;

/** What happens in a drill, on a {@link Scene} that is set. */
public interface Story {
    /** Tells it; once it is told, all that is left is to wait until everything is everywhere. */
    void tell() throws InterruptedException;

    /** Once all is quiet, what only this story can judge, by what the region's database holds. */
    default void judge(RegionImage region) {}

    /** For machines, by name, beside those that every drill has. */
    default Map<String, Object> figures() {
        return Map.of();
    }
}
