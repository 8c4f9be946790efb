package dev.holdfast.node.sync;

import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.sync.Message;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Through this a node tells its open sessions what happened, scope by scope. It keeps nothing
 * itself: each follower joins what it was not ready for, so that a slow one costs nobody anything.
 * As many followers as there are sessions and live feeds. Thread-safe.
 */
public final class Hub {
    private final ConcurrentHashMap<String, Set<Follower>> followers = new ConcurrentHashMap<>();

    /** Tells {@code follower} of {@code scope} from now on. */
    public void follow(String scope, Follower follower) {
        followers.compute(
                scope,
                (same, known) -> {
                    Set<Follower> all = known == null ? ConcurrentHashMap.newKeySet() : known;
                    all.add(follower);
                    return all;
                });
    }

    public void leave(String scope, Follower follower) {
        followers.computeIfPresent(
                scope,
                (same, known) -> {
                    known.remove(follower);
                    return known.isEmpty() ? null : known;
                });
    }

    /** The scopes that somebody follows now. */
    public Set<String> followed() {
        return Set.copyOf(followers.keySet());
    }

    public void grew(String scope, FeedHead head) {
        tell(scope, follower -> follower.grew(scope, head));
    }

    public void marked(Message.Watermark watermark) {
        tell(watermark.receipt().receipt().scope(), follower -> follower.marked(watermark));
    }

    public void refused(Message.Reject refusal) {
        tell(refusal.rejection().scope(), follower -> follower.refused(refusal));
    }

    /** More grants are revoked, whatever the scope. */
    public void revoked() {
        for (Set<Follower> all : followers.values()) all.forEach(Follower::revoked);
    }

    private void tell(String scope, Consumer<Follower> what) {
        Set<Follower> all = followers.get(scope);
        if (all != null) all.forEach(what);
    }
}
