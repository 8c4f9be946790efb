package dev.holdfast.drill.rings;

import dev.holdfast.core.operation.Durability;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a drill must have made happen for its table to prove anything: where one of these was not
 * seen, its guarantee is broken. What is not demanded is not in the table. That links are cut is
 * demanded of every drill.
 *
 * @param kills the levels whose keepers were killed
 * @param contests whether two wrote the same at the same time
 * @param refusals whether something was written that is not allowed
 */
public record Demands(Set<Durability> kills, boolean contests, boolean refusals) {
    /** Links are cut, and nothing else. */
    public static final Demands CUTS = new Demands(Set.of(), false, false);

    /** Everything. */
    public static final Demands ALL =
            new Demands(
                    EnumSet.of(
                            Durability.DEVICE,
                            Durability.EDGE,
                            Durability.REGION,
                            Durability.APPLIED),
                    true,
                    true);

    public Demands {
        kills = Set.copyOf(kills);
    }
}
