package dev.holdfast.core.merge;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.ReplicaId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The dots that a node has seen in one scope. Mutable, not thread-safe.
 *
 * <p>Two contexts are compared by digests of 256 ranges of replicas (by the first byte of their
 * ids), so that a scope of a million replicas costs kilobytes where little differs.
 */
public final class Context {
    public static final int RANGES = 256;

    private final TreeMap<ReplicaId, Intervals> seen = new TreeMap<>();

    public Context() {}

    public Context(Context other) {
        seen.putAll(other.seen);
    }

    /** What was seen of each replica, in their order. */
    public Map<ReplicaId, Intervals> replicas() {
        return Collections.unmodifiableMap(seen);
    }

    public Intervals of(ReplicaId replica) {
        return seen.getOrDefault(replica, Intervals.NONE);
    }

    public boolean contains(Dot dot) {
        return of(dot.replica()).contains(dot.seq());
    }

    public void add(ReplicaId replica, long from, long to) {
        put(replica, of(replica).with(from, to));
    }

    public void put(ReplicaId replica, Intervals intervals) {
        if (intervals.isEmpty()) seen.remove(replica);
        else seen.put(replica, intervals);
    }

    public void addAll(Context other) {
        other.seen.forEach((replica, intervals) -> put(replica, of(replica).union(intervals)));
    }

    /** How many intervals there are of all replicas together. */
    public int intervals() {
        int count = 0;
        for (Intervals intervals : seen.values()) count += intervals.count();
        return count;
    }

    /** The same in pieces of at most {@code intervals} each, in order; none of nothing. */
    public List<Context> pieces(int intervals) {
        List<Context> pieces = new ArrayList<>();
        Context piece = new Context();
        int room = intervals;
        for (var entry : seen.entrySet()) {
            Intervals left = entry.getValue();
            while (!left.isEmpty()) {
                Intervals some = left.first(room);
                piece.put(entry.getKey(), some);
                room -= some.count();
                left = left.minus(some);
                if (room > 0) continue;
                pieces.add(piece);
                piece = new Context();
                room = intervals;
            }
        }
        if (!piece.isEmpty()) pieces.add(piece);
        return pieces;
    }

    public boolean isEmpty() {
        return seen.isEmpty();
    }

    /** The SHA-256 of the whole. */
    public Bytes digest() {
        return Sha256.of(encoded());
    }

    /** What is in both. */
    public Context and(Context other) {
        Context both = new Context();
        for (var entry : seen.entrySet()) {
            Intervals mine = entry.getValue();
            both.put(entry.getKey(), mine.minus(mine.minus(other.of(entry.getKey()))));
        }
        return both;
    }

    /** The part of the replicas whose ids start with the byte {@code range}. */
    public Context range(int range) {
        Context part = new Context();
        NavigableMap<ReplicaId, Intervals> from =
                seen.tailMap(new ReplicaId((long) range << 56, 0), true);
        for (var entry : from.entrySet()) {
            if (entry.getKey().prefix() != range) break;
            part.seen.put(entry.getKey(), entry.getValue());
        }
        return part;
    }

    /** The first 16 bytes of the digest of a range; of an empty one, no bytes at all. */
    public Bytes rangeDigest(int range) {
        Context part = range(range);
        return part.isEmpty() ? Bytes.EMPTY : part.digest().slice(0, 16);
    }

    public void write(CborWriter out) {
        out.array(seen.size());
        for (var entry : seen.entrySet()) {
            out.array(2).bytes(entry.getKey().bytes());
            entry.getValue().write(out);
        }
    }

    public static Context read(CborReader in) {
        int count = in.array();
        int room = Limits.SPANS_PER_MESSAGE;
        Context context = new Context();
        ReplicaId before = null;
        for (int i = 0; i < count; i++) {
            in.array(2);
            ReplicaId replica = ReplicaId.of(in.bytes());
            if (before != null && before.compareTo(replica) >= 0)
                throw new MalformedException("replicas out of order");
            before = replica;
            Intervals intervals = Intervals.read(in);
            if (intervals.isEmpty())
                throw new MalformedException("a replica of which nothing was seen");
            room -= intervals.count();
            if (room < 0) {
                throw new MalformedException(
                        "a context of more than "
                                + Limits.SPANS_PER_MESSAGE
                                + " intervals in one piece");
            }
            context.put(replica, intervals);
        }
        return context;
    }

    public Bytes encoded() {
        CborWriter out = new CborWriter(32 * seen.size() + 8);
        write(out);
        return out.toBytes();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Context context && seen.equals(context.seen);
    }

    @Override
    public int hashCode() {
        return seen.hashCode();
    }

    @Override
    public String toString() {
        return seen.toString();
    }
}
