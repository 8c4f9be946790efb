package dev.holdfast.edge;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.store.ReplicaStore;
import dev.holdfast.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The scopes that devices have asked for: followed upstream even while there is nothing of them
 * here, and remembered across restarts. As many as a session upstream can follow. Thread-safe.
 */
final class JoinedScopes {
    private static final Logger LOG = LoggerFactory.getLogger(JoinedScopes.class);
    private static final String NOTE = "joined-scopes";

    private final ReplicaStore store;
    private final Set<String> joined = ConcurrentHashMap.newKeySet();

    JoinedScopes(ReplicaStore store) {
        this.store = store;
        joined.addAll(
                store.read(tables -> tables.note(NOTE).map(JoinedScopes::names)).orElse(Set.of()));
    }

    List<String> all() {
        return List.copyOf(new TreeSet<>(joined));
    }

    /** Joins one that was not asked for before. */
    void ask(String scope, Consumer<String> follow) {
        if (joined.contains(scope)) return;
        if (joined.size() >= Limits.SCOPES_PER_SESSION) {
            LOG.warn("scope {} is not joined upstream: there are too many", scope);
            return;
        }
        if (!joined.add(scope)) return;
        LOG.info("scope {} is joined upstream", scope);
        follow.accept(scope);
        try {
            store.write(tables -> {
                tables.putNote(NOTE, text(new TreeSet<>(joined)));
                return true;
            });
        } catch (StoreException e) {
            // It is followed all the same; whoever asks after a restart has it joined again.
            LOG.warn("scope {} cannot be remembered: {}", scope, e.getMessage());
        }
    }

    private static Bytes text(Set<String> names) {
        return Bytes.wrap(String.join("\n", names).getBytes(StandardCharsets.US_ASCII));
    }

    private static Set<String> names(Bytes text) {
        String all = new String(text.unsafeArray(), StandardCharsets.US_ASCII);
        return new LinkedHashSet<>(List.of(all.split("\n", -1)));
    }
}
