package dev.holdfast.node.sync;

import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.sync.Message;
import dev.holdfast.node.grants.RevocationList;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The open sessions of each client, of which no more than so many stay; and of those clients that
 * came lately, open or not, who they are and when they were heard. Thread-safe.
 */
final class Clients {
    /** Beyond these the one that came the longest ago is forgotten, though it may be here. */
    private static final int REMEMBERED = 1_000;

    private final int most;
    private final ConcurrentHashMap<ReplicaId, ArrayDeque<Open>> sessions =
            new ConcurrentHashMap<>();

    /** One session, and the grant that it came in by. */
    private record Open(SignedGrant grant, Mailbox session) {}

    /** In the order in which they came last; its own lock. */
    private final LinkedHashMap<ReplicaId, Client> lately = new LinkedHashMap<>();

    Clients(int most) {
        this.most = most;
    }

    /** Somebody who has a session, or had one lately. */
    static final class Client {
        private final ReplicaId replica;
        private final Grant grant;
        private final long sinceMillis;
        private volatile long heardMillis;

        private Client(SignedGrant grant, long sinceMillis) {
            this.replica = grant.replica();
            this.grant = grant.grant();
            this.sinceMillis = sinceMillis;
            this.heardMillis = sinceMillis;
        }

        /** It said something. */
        void heard(long nowMillis) {
            heardMillis = nowMillis;
        }
    }

    /** One more session; where that is too many, the client's oldest has to go. */
    Client entered(SignedGrant client, Mailbox session, long nowMillis) {
        sessions.compute(
                client.replica(),
                (same, open) -> {
                    ArrayDeque<Open> all = open == null ? new ArrayDeque<>() : open;
                    all.addLast(new Open(client, session));
                    if (all.size() > most)
                        all.removeFirst()
                                .session()
                                .dismiss("this client has opened newer sessions");
                    return all;
                });
        Client entered = new Client(client, nowMillis);
        synchronized (lately) {
            lately.remove(client.replica());
            lately.put(client.replica(), entered);
            if (lately.size() > REMEMBERED) lately.pollFirstEntry();
        }
        return entered;
    }

    void dismissAll(String reason) {
        each(open -> open.session().dismiss(reason));
    }

    /** Ends the sessions whose grants are in the list. */
    void dismissRevoked(RevocationList list) {
        each(open ->
                list.of(open.grant())
                        .ifPresent(word ->
                                open.session()
                                        .dismiss(Message.Bye.Code.UNAUTHORIZED, word.words())));
    }

    private void each(Consumer<Open> action) {
        sessions.forEach((client, open) ->
                sessions.computeIfPresent(
                        client,
                        (same, all) -> {
                            all.forEach(action);
                            return all;
                        }));
    }

    void left(ReplicaId client, Mailbox session) {
        sessions.computeIfPresent(
                client,
                (same, open) -> {
                    open.removeIf(each -> each.session().equals(session));
                    return open.isEmpty() ? null : open;
                });
    }

    /**
     * Who is here, and then who was: how many have sessions, and the first {@code limit} of them
     * and of those who are remembered, those who were heard last first.
     */
    Map<String, Object> told(int limit) {
        List<Seen> seen = new ArrayList<>();
        synchronized (lately) {
            for (Client client : lately.values())
                seen.add(
                        new Seen(client, sessions.containsKey(client.replica), client.heardMillis));
        }
        seen.sort(Comparator.comparing(Seen::open).thenComparingLong(Seen::heardMillis).reversed());
        List<Object> listed = new ArrayList<>();
        for (Seen each : seen.subList(0, Math.min(limit, seen.size()))) listed.add(each.told());
        return Map.of("open", sessions.size(), "listed", listed);
    }

    /** A client at one moment. */
    private record Seen(Client client, boolean open, long heardMillis) {
        Map<String, Object> told() {
            Map<String, Object> told = new TreeMap<>();
            told.put("subject", client.grant.subject());
            told.put("role", client.grant.role().name().toLowerCase(Locale.ROOT));
            told.put("replica", client.replica.toString());
            told.put("key", client.grant.publicKey().hex());
            told.put("open", open);
            told.put("since", Instant.ofEpochMilli(client.sinceMillis).toString());
            told.put("heard", Instant.ofEpochMilli(heardMillis).toString());
            return told;
        }
    }
}
