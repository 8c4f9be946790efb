package dev.holdfast.region.ingest;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Scope;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.sync.Session;
import dev.holdfast.region.log.LogRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a push becomes in the log: batches of one scope whose form, signatures and grants were
 * judged.
 *
 * @param receivedMillis when the region took it in, by the region's clock: what the clocks of its
 *     operations are judged by
 * @param firstSeen per author, when an edge vouches to have had it, by the edge's clock: what the
 *     grants were judged by
 * @param grants of the batches' authors
 */
public record LogEntry(
        String scope,
        long receivedMillis,
        Map<ReplicaId, Long> firstSeen,
        List<SignedGrant> grants,
        List<Batch> batches) {
    /** The property that names the push. */
    public static final String REQUEST = "request";

    /** The property that carries the trace of the first transaction. */
    public static final String TRACE = "trace";

    private static final int FORMAT = 1;

    /** What one record aims to stay below; a single batch with its grant always fits. */
    private static final int AIM_BYTES = Limits.BATCH_BYTES + (64 << 10);

    /** What an entry takes besides its batches and grants, at most: names, times, heads. */
    private static final int FRAME_BYTES = 256;

    public LogEntry {
        Scope.require(scope);
        if (batches.isEmpty()) throw new MalformedException("an entry without a batch");
        firstSeen = Map.copyOf(firstSeen);
        grants = List.copyOf(grants);
        batches = List.copyOf(batches);
    }

    /** A push, cut between batches so that every part fits a record of the log. */
    public static List<LogEntry> of(Session.Action.Keep keep, long receivedMillis) {
        List<LogEntry> entries = new ArrayList<>();
        Part part = new Part(keep, receivedMillis);
        for (Batch batch : keep.batches()) {
            if (!part.fits(batch)) {
                entries.add(part.entry());
                part = new Part(keep, receivedMillis);
            }
            part.add(batch);
        }
        entries.add(part.entry());
        return entries;
    }

    private static final class Part {
        private final Session.Action.Keep keep;
        private final long receivedMillis;
        private final List<Batch> batches = new ArrayList<>();
        private final Map<ReplicaId, Granted> grants = new TreeMap<>();
        private final Map<ReplicaId, Long> firstSeen = new TreeMap<>();
        private int bytes = FRAME_BYTES;

        Part(Session.Action.Keep keep, long receivedMillis) {
            this.keep = keep;
            this.receivedMillis = receivedMillis;
        }

        boolean fits(Batch batch) {
            return batches.isEmpty()
                    || bytes + batch.sizeBytes() + 64 + newGrants(batch) <= AIM_BYTES;
        }

        void add(Batch batch) {
            batches.add(batch);
            bytes += batch.sizeBytes() + 64 + newGrants(batch);
            Granted granted = keep.grants().get(batch.author());
            if (granted != null) grants.put(batch.author(), granted);
            Long seen = keep.firstSeen().get(batch.author());
            if (seen != null) firstSeen.put(batch.author(), seen);
        }

        /** What the grants of its author take, if they are not in yet. */
        private int newGrants(Batch batch) {
            Granted granted = keep.grants().get(batch.author());
            if (granted == null || grants.containsKey(batch.author())) return 0;
            return granted.all().stream().mapToInt(grant -> grant.encoded().size()).sum();
        }

        LogEntry entry() {
            List<SignedGrant> all =
                    grants.values().stream().flatMap(granted -> granted.all().stream()).toList();
            return new LogEntry(keep.scope(), receivedMillis, firstSeen, all, batches);
        }
    }

    /**
     * The record of the log.
     *
     * @param request names the push that it came with
     */
    public LogRecord record(String request) {
        Bytes trace = batches.getFirst().body().transactions().getFirst().traceId(scope);
        return new LogRecord(
                scope, encoded().unsafeArray(), Map.of(REQUEST, request, TRACE, trace.hex()));
    }

    public Bytes encoded() {
        CborWriter out = new CborWriter(AIM_BYTES / 8);
        out.array(6).integer(FORMAT).text(scope).integer(receivedMillis);
        out.array(firstSeen.size());
        new TreeMap<>(firstSeen)
                .forEach((replica, millis) -> out.array(2).bytes(replica.bytes()).integer(millis));
        out.array(grants.size());
        for (SignedGrant grant : grants) out.bytes(grant.encoded());
        out.array(batches.size());
        for (Batch batch : batches) batch.write(out);
        return out.toBytes();
    }

    /**
     * Reads what {@link #encoded} wrote.
     *
     * @throws MalformedException when it is something else
     */
    public static LogEntry decode(Bytes encoded) {
        CborReader in = new CborReader(encoded);
        in.array(6);
        if (in.integer() != FORMAT) throw new MalformedException("an entry of an unknown format");
        String scope = in.text();
        long received = in.unsigned(Limits.MAX_MILLIS);
        Map<ReplicaId, Long> firstSeen = new TreeMap<>();
        int seen = in.array();
        for (int i = 0; i < seen; i++) {
            in.array(2);
            firstSeen.put(ReplicaId.of(in.bytes()), in.integer());
        }
        List<SignedGrant> grants = new ArrayList<>();
        int granted = in.array();
        for (int i = 0; i < granted; i++) grants.add(SignedGrant.decode(in.bytes()));
        List<Batch> batches = new ArrayList<>();
        int count = in.array();
        for (int i = 0; i < count; i++) {
            Batch batch = Batch.read(in);
            if (!batch.scope().equals(scope))
                throw new MalformedException("a batch of another scope");
            batches.add(batch);
        }
        in.finish();
        return new LogEntry(scope, received, firstSeen, grants, batches);
    }
}
