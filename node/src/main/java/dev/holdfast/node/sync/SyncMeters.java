package dev.holdfast.node.sync;

import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.Session;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Counts what sessions do. Thread-safe. */
final class SyncMeters {
    private final AtomicInteger sessions = new AtomicInteger();
    private final Counter pushes;
    private final Counter batches;
    private final Counter operations;
    private final Counter paused;
    private final Counter receivedBytes;
    private final Counter sentBytes;
    private final Map<Rejection.Code, Counter> refused = new EnumMap<>(Rejection.Code.class);
    private final Map<Message.Bye.Code, Counter> byes = new EnumMap<>(Message.Bye.Code.class);

    SyncMeters(MeterRegistry meters) {
        meters.gauge("holdfast.sync.sessions", sessions);
        pushes = meters.counter("holdfast.sync.pushes");
        batches = meters.counter("holdfast.sync.batches");
        operations = meters.counter("holdfast.sync.operations");
        paused = meters.counter("holdfast.sync.paused");
        receivedBytes = meters.counter("holdfast.sync.bytes", "direction", "in");
        sentBytes = meters.counter("holdfast.sync.bytes", "direction", "out");
        for (Rejection.Code code : Rejection.Code.values())
            refused.put(code, meters.counter("holdfast.sync.refused", "code", code.text()));
        for (Message.Bye.Code code : Message.Bye.Code.values()) {
            String text = code.name().toLowerCase(Locale.ROOT);
            byes.put(code, meters.counter("holdfast.sync.byes", "code", text));
        }
    }

    void opened() {
        sessions.incrementAndGet();
    }

    void closed() {
        sessions.decrementAndGet();
    }

    void received(Message message, int sizeBytes) {
        receivedBytes.increment(sizeBytes);
        if (message instanceof Message.Push) pushes.increment();
    }

    /** One post, whatever is in it. */
    void posted(int sizeBytes) {
        receivedBytes.increment(sizeBytes);
    }

    /** The messages of one post, once they are known. */
    void round(List<Message> messages) {
        for (Message message : messages) if (message instanceof Message.Push) pushes.increment();
    }

    void sent(Message message, int sizeBytes) {
        sentBytes.increment(sizeBytes);
        if (message instanceof Message.Reject reject)
            increment(refused.get(reject.rejection().code()));
        if (message instanceof Message.Bye bye) increment(byes.get(bye.code()));
    }

    void kept(Session.Event.Kept kept) {
        long count = 0;
        for (Batch batch : kept.flushed()) count += batch.last() - batch.first() + 1;
        batches.increment(kept.flushed().size());
        operations.increment((double) count);
        if (kept.pauseMillis() > 0) paused.increment();
    }

    /** The counts since the start: each only grows. */
    Map<String, Object> told() {
        Map<String, Object> told = new TreeMap<>();
        told.put("pushes", count(pushes));
        told.put("batches", count(batches));
        told.put("operations", count(operations));
        told.put("paused", count(paused));
        told.put("bytes-in", count(receivedBytes));
        told.put("bytes-out", count(sentBytes));
        Map<String, Object> codes = new TreeMap<>();
        refused.forEach((code, counter) -> {
            if (counter.count() > 0) codes.put(code.text(), count(counter));
        });
        told.put("refused", codes);
        return told;
    }

    private static long count(Counter counter) {
        return Math.round(counter.count());
    }

    private static void increment(@Nullable Counter counter) {
        if (counter != null) counter.increment();
    }
}
