package dev.holdfast.region.mirror;

import dev.holdfast.core.Limits;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The scopes that this process knows to be here or at another region, all of which are followed
 * there: as many as one session may follow. Thread-safe.
 */
public final class KnownScopes {
    private static final Logger LOG = LoggerFactory.getLogger(KnownScopes.class);

    private final Set<String> scopes = ConcurrentHashMap.newKeySet();
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private final AtomicBoolean warned = new AtomicBoolean();

    /** Remembers one, and tells of it if it is new. Quick. */
    public void add(String scope) {
        if (scopes.contains(scope)) return;
        if (scopes.size() >= Limits.SCOPES_PER_SESSION) {
            if (warned.compareAndSet(false, true))
                LOG.error(
                        "there are more than {} scopes: {} and others are not mirrored",
                        Limits.SCOPES_PER_SESSION,
                        scope);
            return;
        }
        if (scopes.add(scope)) listeners.forEach(listener -> listener.accept(scope));
    }

    /** Has {@code listener} told of each new one, by whoever found it. It must not block. */
    void onNew(Consumer<String> listener) {
        listeners.add(listener);
    }

    Set<String> all() {
        return Set.copyOf(scopes);
    }
}
