package dev.holdfast.cli.up;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What an operator can break in a local system, to watch it go on: the drills, by hand.
 * Thread-safe.
 */
final class Switches {
    /** Burns the edge, and has a new one stand in its place; tells when that answers. */
    @FunctionalInterface
    interface Fire {
        void burn(Runnable rebuilt);
    }

    /** What stays cut until it is put back. */
    enum Cut {
        /** Nothing passes between the edge and the regions. */
        CABLE("the cable is cut: the edge and the regions do not reach each other"),
        /** Nor between the devices and the edge. */
        CITY("the city is dark: nobody reaches anybody");

        private final String words;

        Cut(String words) {
            this.words = words;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Optional<Cut> of(String word) {
            for (Cut cut : values()) {
                if (cut.word().equals(word)) return Optional.of(cut);
            }
            return Optional.empty();
        }
    }

    /** Of the edge. */
    sealed interface Edge {
        /** The one that was started, or that stands since a fire. */
        record Standing(Optional<Instant> burnedAt, int fires) implements Edge {}

        /** It is gone, and the new one does not answer yet. */
        record Burning(Instant since) implements Edge {}
    }

    private final Links links;
    private final Fire fire;
    private final InstantSource clock;
    private final Consumer<String> told;
    private final Map<Cut, Instant> cuts = new TreeMap<>();
    private Edge edge = new Edge.Standing(Optional.empty(), 0);

    /**
     * @param told of every turn, for whoever watches the terminal
     */
    Switches(Links links, Fire fire, InstantSource clock, Consumer<String> told) {
        this.links = links;
        this.fire = fire;
        this.clock = clock;
        this.told = told;
    }

    /** Since when each of those that are cut is. */
    synchronized Map<Cut, Instant> cuts() {
        return Map.copyOf(cuts);
    }

    synchronized Edge edge() {
        return edge;
    }

    /** Cuts, or puts back; what is so already stays so. */
    synchronized void turn(Cut cut, boolean on, String who) {
        boolean was = cuts.containsKey(cut);
        if (was == on) return;
        if (on) cuts.put(cut, clock.instant());
        else cuts.remove(cut);
        boolean dark = cuts.containsKey(Cut.CITY);
        links.passCable(!dark && !cuts.containsKey(Cut.CABLE));
        links.passStreet(!dark);
        told.accept(who + (on ? ": " + cut.words : ": the " + cut.word() + " is back"));
    }

    /** Whether the edge burns now; it does not while an earlier fire is not over. */
    synchronized boolean burn(String who) {
        if (!(edge instanceof Edge.Standing(Optional<Instant> _, int fires))) return false;
        Instant now = clock.instant();
        edge = new Edge.Burning(now);
        told.accept(who + ": the edge burns down, with all that is on its disk");
        fire.burn(() -> rebuilt(now, fires + 1));
        return true;
    }

    private synchronized void rebuilt(Instant burnedAt, int fires) {
        edge = new Edge.Standing(Optional.of(burnedAt), fires);
    }
}
