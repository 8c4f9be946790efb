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
 * @param blow what killed them
 * @param contests whether two wrote the same at the same time
 * @param refusals whether something was written that is not allowed
 */
public record Demands(Set<Durability> kills, Blow blow, boolean contests, boolean refusals) {
    /** What can kill a process. */
    public enum Blow {
        KILL("kill -9", "kills"),
        /** What was not flushed is gone as well. */
        POWER_CUT("a power cut", "power cuts"),
        /** It takes no more writes until it is mounted again. */
        BROKEN_DISK("an I/O error", "broken disks");

        private final String one;
        private final String many;

        Blow(String one, String many) {
            this.one = one;
            this.many = many;
        }

        String one() {
            return one;
        }

        String many() {
            return many;
        }
    }

    /** Links are cut, and nothing else. */
    public static final Demands CUTS = new Demands(Set.of(), Blow.KILL, false, false);

    /** Everything. */
    public static final Demands ALL =
            new Demands(
                    EnumSet.of(
                            Durability.DEVICE,
                            Durability.EDGE,
                            Durability.REGION,
                            Durability.APPLIED),
                    Blow.KILL,
                    true,
                    true);

    public Demands {
        kills = Set.copyOf(kills);
    }
}
