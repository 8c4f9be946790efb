package dev.holdfast.region.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Admission;
import dev.holdfast.core.replica.AuthorState;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.MemoryStore;
import dev.holdfast.core.replica.MemoryTables;
import dev.holdfast.core.replica.Rejection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A region's tables on a {@link MemoryStore}, so that the simulator runs the region's own worker.
 * One author per store. What is kept beside the store and stays when a transaction fails, or a
 * crash takes it back: idempotency keys, messages that are none. Not thread-safe.
 */
public final class MemoryTransactor implements Transactor {
    private final MemoryStore store;
    private final Map<List<String>, RegionTables.Remembered> remembered = new HashMap<>();
    private final List<Bytes> messages = new ArrayList<>();
    private final Map<List<Object>, FeedHead> followed = new HashMap<>();
    private final Map<OfAuthor, Map<ReplicaId, List<Span>>> elsewhere = new HashMap<>();

    private final List<RegionTables.Said> said = new ArrayList<>();

    private record OfAuthor(String scope, ReplicaId author) {}

    public MemoryTransactor(MemoryStore store) {
        this.store = store;
    }

    /** Messages of the log that were none. */
    public List<Bytes> quarantinedMessages() {
        return List.copyOf(messages);
    }

    @Override
    public <T extends @Nullable Object> T write(Function<? super RegionTables, T> work) {
        return store.write(tables -> work.apply(new Region(tables)));
    }

    @Override
    public <T extends @Nullable Object> T read(Function<? super RegionTables, T> work) {
        return store.read(tables -> work.apply(new Region(tables)));
    }

    private final class Region extends ForwardingTables implements RegionTables {
        private final MemoryTables tables;

        Region(MemoryTables tables) {
            this.tables = tables;
        }

        @Override
        MemoryTables inner() {
            return tables;
        }

        @Override
        public void prefetch(List<Batch> batches, List<ReplicaId> authors) {}

        @Override
        public @Nullable AuthorState author(String scope, ReplicaId replica) {
            AuthorState state = tables.author(scope);
            return state != null && state.replica().equals(replica) ? state : null;
        }

        @Override
        public void putAuthor(String scope, AuthorState state) {
            tables.putAuthor(scope, state);
        }

        @Override
        public boolean hasAuthored(ReplicaId replica) {
            return tables.scopes().stream().anyMatch(scope -> author(scope, replica) != null);
        }

        @Override
        public @Nullable Remembered remembered(String subject, String scope, String key) {
            return remembered.get(List.of(subject, scope, key));
        }

        @Override
        public void remember(
                String subject, String scope, String key, Remembered write, long nowMillis) {
            remembered.put(List.of(subject, scope, key), write);
        }

        @Override
        public List<DocumentId> documents(
                String scope, String collection, String after, int limit) {
            return tables.documents(scope).stream()
                    .filter(id -> id.collection().equals(collection))
                    .filter(id -> id.id().compareTo(after) > 0)
                    .limit(limit)
                    .toList();
        }

        @Override
        public Map<String, FeedHead> feedHeads(Collection<String> scopes) {
            Map<String, FeedHead> heads = new HashMap<>();
            for (String scope : scopes) {
                FeedHead head = tables.feedHead(scope);
                if (head.number() > 0) heads.put(scope, head);
            }
            return heads;
        }

        @Override
        public Set<ReplicaId> authorsAfter(String scope, long after, long upTo) {
            Set<ReplicaId> authors = new TreeSet<>();
            for (FeedItem item : tables.feedAfter(scope, after, Integer.MAX_VALUE)) {
                if (item.head().number() <= upTo) authors.add(item.batch().author());
            }
            return authors;
        }

        @Override
        public void quarantineMessage(String scope, Bytes body, String reason, long nowMillis) {
            if (!messages.contains(body)) messages.add(body);
        }

        @Override
        public List<Rejection> latelyQuarantined(Collection<String> scopes, int most) {
            return tables.quarantined().stream()
                    .filter(kept -> scopes.contains(kept.batch().scope()))
                    .map(kept -> Admission.refuse(kept.batch(), kept.code(), kept.reason()))
                    .toList();
        }

        @Override
        public long openQuarantine() {
            return (long) tables.quarantined().size() + messages.size();
        }

        @Override
        public List<String> scopes(String after, int most) {
            Set<String> scopes = new TreeSet<>(tables.scopes());
            for (List<Object> place : followed.keySet()) scopes.add((String) place.getFirst());
            return scopes.stream().filter(scope -> scope.compareTo(after) > 0).limit(most).toList();
        }

        @Override
        public @Nullable FeedHead followed(String scope, ReplicaId region) {
            return followed.get(List.of(scope, region));
        }

        @Override
        public void putFollowed(String scope, ReplicaId region, FeedHead place) {
            List<Object> of = List.of(scope, region);
            FeedHead before = followed.put(of, place);
            tables.beside(() -> putBack(followed, of, before));
        }

        @Override
        public Map<ReplicaId, List<Span>> elsewhere(String scope, Collection<ReplicaId> authors) {
            Map<ReplicaId, List<Span>> all = new TreeMap<>();
            for (ReplicaId author : authors) {
                elsewhere
                        .getOrDefault(new OfAuthor(scope, author), Map.of())
                        .forEach((region, spans) ->
                                all.computeIfAbsent(region, none -> new ArrayList<>())
                                        .addAll(spans));
            }
            return all;
        }

        @Override
        public void putElsewhere(
                String scope, ReplicaId author, ReplicaId region, List<Span> spans) {
            Map<ReplicaId, List<Span>> regions =
                    elsewhere.computeIfAbsent(new OfAuthor(scope, author), none -> new TreeMap<>());
            List<Span> before = regions.put(region, List.copyOf(spans));
            said.add(new Said(said.size() + 1L, scope, author));
            tables.beside(() -> {
                putBack(regions, region, before);
                said.removeLast();
            });
        }

        @Override
        public List<Said> said(long after, int most) {
            return said.stream().filter(word -> word.number() > after).limit(most).toList();
        }

        @Override
        public long lastSaid() {
            return said.size();
        }
    }

    private static <K, V> void putBack(Map<K, V> map, K key, @Nullable V value) {
        if (value == null) map.remove(key);
        else map.put(key, value);
    }
}
