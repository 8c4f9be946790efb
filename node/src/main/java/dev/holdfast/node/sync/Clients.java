package dev.holdfast.node.sync;

import dev.holdfast.core.operation.ReplicaId;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentHashMap;

/** The open sessions of each client, of which no more than so many stay. Thread-safe. */
final class Clients {
    private final int most;
    private final ConcurrentHashMap<ReplicaId, ArrayDeque<Mailbox>> sessions =
            new ConcurrentHashMap<>();

    Clients(int most) {
        this.most = most;
    }

    /** One more; where that is too many, the oldest has to go. */
    void entered(ReplicaId client, Mailbox session) {
        sessions.compute(
                client,
                (same, open) -> {
                    ArrayDeque<Mailbox> all = open == null ? new ArrayDeque<>() : open;
                    all.addLast(session);
                    if (all.size() > most)
                        all.removeFirst().dismiss("this client has opened newer sessions");
                    return all;
                });
    }

    void dismissAll(String reason) {
        sessions.forEach((client, open) ->
                sessions.computeIfPresent(
                        client,
                        (same, all) -> {
                            all.forEach(session -> session.dismiss(reason));
                            return all;
                        }));
    }

    void left(ReplicaId client, Mailbox session) {
        sessions.computeIfPresent(
                client,
                (same, open) -> {
                    open.remove(session);
                    return open.isEmpty() ? null : open;
                });
    }
}
