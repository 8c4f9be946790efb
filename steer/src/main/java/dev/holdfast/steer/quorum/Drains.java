package dev.holdfast.steer.quorum;

import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.HlcClock;
import dev.holdfast.keys.DurableFile;
import dev.holdfast.keys.KeysException;
import dev.holdfast.steer.pool.EndpointName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The newest word about each endpoint that an operator ever spoke of, kept in a file before anybody
 * hears of it. A word that puts back is kept as well, since a node that was away may still have the
 * older one. Thread-safe.
 *
 * <p>Words are stamped by a hybrid clock that has seen all the others, so that whoever undoes what
 * he sees wins over it though the other node's clock runs ahead.
 */
public final class Drains {
    /** Beyond it the oldest that hold nothing are forgotten, and then no more are taken. */
    private static final int MOST = 2_000;

    private final Path file;
    private final String node;
    private final HlcClock stamps = new HlcClock(Hlc.ZERO);
    private Map<EndpointName, Drain> newest;

    /**
     * Takes up what the file has.
     *
     * @param node that words are told to here
     * @throws KeysException when the file cannot be read. It is not passed over: what an operator
     *     took out must not come back by accident
     */
    public Drains(Path file, String node) {
        this.file = file;
        this.node = node;
        this.newest = load(file);
        newest.values().forEach(drain -> stamps.observe(drain.stamp(), drain.stamp().millis()));
    }

    /**
     * An operator's word; durable when this returns.
     *
     * @throws KeysException when it cannot be kept; nothing has changed then
     */
    public synchronized Drain tell(
            EndpointName endpoint,
            boolean out,
            Optional<Duration> time,
            String who,
            String why,
            Instant now) {
        Hlc stamp = stamps.tick(now.toEpochMilli());
        Drain before = newest.get(endpoint);
        if (before != null) stamp = Hlc.max(stamp, before.stamp().next());
        Drain word = new Drain(endpoint, out, now, time.map(now::plus), who, why, stamp, node);
        take(List.of(word), now);
        return word;
    }

    /**
     * Other nodes' words; answers those that are news. Durable when this returns.
     *
     * @throws KeysException when they cannot be kept; nothing has changed then
     */
    public synchronized List<Drain> hear(Collection<Drain> words, Instant now) {
        return take(words, now);
    }

    private List<Drain> take(Collection<Drain> words, Instant now) {
        Map<EndpointName, Drain> after = new HashMap<>(newest);
        List<Drain> news = new ArrayList<>();
        for (Drain word : words) {
            Drain before = after.get(word.endpoint());
            if (before != null && !word.beats(before)) continue;
            after.put(word.endpoint(), word);
            news.add(word);
        }
        if (news.isEmpty()) return news;
        forget(after, now);
        DurableFile.write(file, text(after.values()), DurableFile.Readers.EVERYBODY);
        newest = after;
        for (Drain word : news) stamps.observe(word.stamp(), now.toEpochMilli());
        news.removeIf(word -> !word.equals(after.get(word.endpoint())));
        return news;
    }

    private static void forget(Map<EndpointName, Drain> all, Instant now) {
        if (all.size() <= MOST) return;
        all.values().stream()
                .filter(drain -> !drain.holds(now))
                .sorted(Comparator.comparing(Drain::stamp))
                .limit(all.size() - MOST)
                .map(Drain::endpoint)
                .toList()
                .forEach(all::remove);
        if (all.size() > MOST)
            throw new KeysException("No more than " + MOST + " endpoints can be drained at a time");
    }

    /** Everything that was said and not said anew since. */
    public synchronized List<Drain> all() {
        return List.copyOf(newest.values());
    }

    /** Those that hold at {@code now}, by endpoint. */
    public synchronized Map<EndpointName, Drain> holding(Instant now) {
        Map<EndpointName, Drain> holding = new HashMap<>(newest);
        holding.values().removeIf(drain -> !drain.holds(now));
        return holding;
    }

    private static byte[] text(Collection<Drain> drains) {
        List<Value> rows = new ArrayList<>();
        drains.forEach(drain -> rows.add(GossipJson.drain(drain)));
        return Json.print(new Value.Array(rows)).getBytes(StandardCharsets.UTF_8);
    }

    private static Map<EndpointName, Drain> load(Path file) {
        Map<EndpointName, Drain> drains = new HashMap<>();
        if (!Files.exists(file)) return drains;
        try {
            if (!(Json.parse(Files.readString(file)) instanceof Value.Array rows))
                throw new MalformedException("no list");
            for (Value row : rows.items()) {
                Drain drain = GossipJson.drain(row);
                drains.put(drain.endpoint(), drain);
            }
            return drains;
        } catch (IOException | MalformedException | DateTimeException e) {
            throw new KeysException(
                    "The drains in "
                            + file
                            + " cannot be read: "
                            + e.getMessage()
                            + ". Without the file nothing is drained",
                    e);
        }
    }
}
