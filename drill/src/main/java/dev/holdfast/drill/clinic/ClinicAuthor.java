package dev.holdfast.drill.clinic;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.BatchBody;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Transaction;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.MemoryStore;
import dev.holdfast.core.replica.ReplicaTables;
import dev.holdfast.core.schema.View;
import dev.holdfast.keys.ReplicaKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/**
 * A nurse's device in memory: the clinic's writes become real operations and real, signed batches,
 * made ahead of the measurement. Writes lie some seconds apart, in the weeks before now. Not
 * thread-safe.
 */
public final class ClinicAuthor {
    private static final Duration HISTORY = Duration.ofDays(60);
    private static final Bytes NO_HASH = Bytes.wrap(new byte[BatchBody.HASH_BYTES]);

    private final String scope;
    private final ReplicaKey key;
    private final ClinicData data;
    private final Random pauses;
    private final MemoryStore store = MemoryStore.durable();
    private long nowMillis;

    /** With a history of two months that ends at {@code nowMillis}. */
    public ClinicAuthor(String scope, ReplicaKey key, long seed, long nowMillis) {
        this.scope = scope;
        this.key = key;
        this.data = new ClinicData(seed);
        this.pauses = new Random(seed);
        this.nowMillis = nowMillis - HISTORY.toMillis();
    }

    public String scope() {
        return scope;
    }

    public ReplicaKey key() {
        return key;
    }

    /**
     * A write, and the bytes that it leaves in any store that can do the same with it.
     *
     * @param operation as it is kept until it is signed
     * @param state the document's, after it
     * @param shown the document as JSON, after it
     */
    public record Written(ClinicWrite write, Bytes operation, Bytes state, String shown) {}

    public Written write() {
        while (true) {
            ClinicWrite write = data.next();
            DocumentId id = write.document();
            Author.Written written = write(write);
            if (written.isNothing()) continue;
            return store.read(tables -> {
                Transaction transaction =
                        tables.unsealed(scope, written.first() - 1, 1).getFirst().transaction();
                Document document = tables.document(scope, id);
                View view = View.of(document, ClinicData.SCHEMA.collection(id.collection()));
                return new Written(
                        write,
                        alone(transaction, written.first()),
                        document.encoded(),
                        Json.print(view.fields()));
            });
        }
    }

    /** The next batch, of as many writes with one operation each. */
    public Batch batch(int operations) {
        for (int count = 0; count < operations; ) {
            if (!write(data.next()).isNothing()) count++;
        }
        return store.write(tables -> {
            Batch.Draft draft = Objects.requireNonNull(author(tables).draft(scope));
            Batch batch = draft.signed(key.sign(draft.signedText()));
            Objects.requireNonNull(author(tables).seal(batch, nowMillis));
            return batch;
        });
    }

    private Author.Written write(ClinicWrite write) {
        nowMillis += 1_000 + pauses.nextInt(30_000);
        Map<DocumentId, List<dev.holdfast.core.replica.Change>> changes =
                Map.of(write.document(), write.changes());
        return store.write(tables -> author(tables).write(scope, changes, null, nowMillis));
    }

    private Author author(ReplicaTables tables) {
        return new Author(tables, key.replica(), ClinicData.SCHEMA);
    }

    private Bytes alone(Transaction transaction, long first) {
        Bytes previous = first == 1 ? Bytes.EMPTY : NO_HASH;
        return Batch.draft(
                        new BatchBody(scope, key.replica(), first, previous, List.of(transaction)))
                .bytes();
    }
}
