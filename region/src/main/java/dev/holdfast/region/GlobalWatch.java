package dev.holdfast.region;

import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.node.sync.Hub;
import dev.holdfast.region.store.Copies;
import dev.holdfast.region.store.RegionTables;
import dev.holdfast.region.store.StoreException;
import dev.holdfast.region.store.Transactor;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the sessions of a process that does not follow the other regions itself what became GLOBAL:
 * asks the database what they said since the last look. Not thread-safe.
 */
final class GlobalWatch {
    static final Duration INTERVAL = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(GlobalWatch.class);
    private static final int MOST = 10_000;

    /** Words that were numbered at the same time may come to be seen after later ones. */
    private static final int MOMENT = 1_000;

    private final Transactor store;
    private final Hub hub;
    private final Copies copies;
    private final Announcer announcer;

    /** Of the words that the last look saw. */
    private Set<RegionTables.Said> told = Set.of();

    /** Null before the first look: sessions that were open then have looked for themselves. */
    private @Nullable Long upTo;

    GlobalWatch(Transactor store, Hub hub, Copies copies, Announcer announcer) {
        this.store = store;
        this.hub = hub;
        this.copies = copies;
        this.announcer = announcer;
    }

    void look() {
        try {
            if (upTo == null) upTo = store.<Long>read(RegionTables::lastSaid);
            long after = Math.max(0, upTo - MOMENT);
            List<RegionTables.Said> said = store.read(t -> t.said(after, MOMENT + MOST));
            Map<String, Set<ReplicaId>> fresh = new HashMap<>();
            Set<String> followed = hub.followed();
            for (RegionTables.Said word : said) {
                if (!told.contains(word) && followed.contains(word.scope()))
                    fresh.computeIfAbsent(word.scope(), none -> new LinkedHashSet<>())
                            .add(word.author());
            }
            fresh.forEach((scope, authors) ->
                    announcer.global(scope, store.read(t -> copies.global(t, scope, authors))));
            told = Set.copyOf(said);
            if (!said.isEmpty()) upTo = Math.max(upTo, said.getLast().number());
        } catch (StoreException e) {
            LOG.debug("what other regions said cannot be looked at now", e);
        } catch (RuntimeException e) {
            // Asked again in a moment; who misses it meanwhile finds the same in the database.
            LOG.warn("what became GLOBAL could not be told", e);
        }
    }
}
