package dev.holdfast.device;

import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.Verdict;
import dev.holdfast.store.StoreTables;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A write that is saved: flushed on this device, whatever the network does. Tells how much further
 * it has got, and waits for that. Thread-safe.
 */
public final class Write {
    private final Device device;
    private final String scope;
    private final ReplicaId replica;
    private final Author.Written written;
    private final Set<DocumentId> documents;

    Write(
            Device device,
            String scope,
            ReplicaId replica,
            Author.Written written,
            Set<DocumentId> documents) {
        this.device = device;
        this.scope = scope;
        this.replica = replica;
        this.written = written;
        this.documents = Set.copyOf(documents);
    }

    /** Whether nothing had to be changed: what was asked for stood already. */
    public boolean isNothing() {
        return written.isNothing();
    }

    /**
     * The names of its operations, in their order; none where {@link #isNothing nothing} had to be
     * changed. They are those under which it was saved: after this device's store was restored from
     * a backup, or turned out to be a copy, what nobody had acknowledged goes on under other names.
     */
    public List<Dot> dots() {
        if (isNothing()) return List.of();
        List<Dot> dots = new ArrayList<>();
        for (long seq = written.first(); seq <= written.last(); seq++) {
            dots.add(new Dot(replica, seq));
        }
        return List.copyOf(dots);
    }

    /**
     * How far it has got. Of what is beyond the level up to which this device answers for its
     * writes nothing is known here.
     */
    public Durability durability() {
        return device.store().read(this::durability);
    }

    /** The refusal, if it was refused. */
    public Optional<RejectedWrite> rejection() {
        return device.store().read(this::rejection);
    }

    /**
     * Waits until it has got that far.
     *
     * @return false when that took longer than {@code timeout}, or it was refused
     * @throws IllegalArgumentException for a level of which this device is never told, being beyond
     *     the one at which it gives a write up
     */
    public boolean reached(Durability level, Duration timeout) throws InterruptedException {
        Durability most = device.settings().retainUntil();
        if (!most.reaches(level)) {
            throw new IllegalArgumentException(
                    "This device follows its writes up to " + most + "; set retain-until for more");
        }
        long left = timeout.toNanos();
        while (true) {
            long rings = device.bell().rings();
            boolean[] refused = {false};
            Durability now =
                    device.store()
                            .read(tables -> {
                                refused[0] = isRefused(tables);
                                return durability(tables);
                            });
            if (refused[0]) return false;
            if (now.reaches(level)) return true;
            if (left <= 0) return false;
            left = device.bell().await(rings, left);
        }
    }

    private Durability durability(StoreTables tables) {
        if (isRefused(tables)) return Durability.DEVICE;
        Durability most = device.settings().retainUntil();
        if (isNothing() || isMoved(tables)) {
            Durability least = most;
            for (DocumentId id : documents) {
                Durability one = tables.pending(scope, id).orElse(most);
                if (least.reaches(one)) least = one;
            }
            return least;
        }
        return tables.pending(scope, replica, written.first(), written.last()).orElse(most);
    }

    /** After a succession it has another name, which its documents tell of. */
    private boolean isMoved(StoreTables tables) {
        return !replica.equals(tables.replica())
                && !tables.context(scope, replica).contains(written.last());
    }

    private boolean isRefused(StoreTables tables) {
        return !isNothing()
                && (device.isDiscarded(scope, replica, written.first())
                        || rejection(tables).isPresent());
    }

    private Optional<RejectedWrite> rejection(StoreTables tables) {
        if (isNothing()) return Optional.empty();
        return tables.verdicts(scope, replica).stream()
                .map(Verdict::rejection)
                .filter(one ->
                        one.span().from() <= written.last() && one.span().to() >= written.first())
                .findFirst()
                .map(one -> Rejections.told(tables, one));
    }
}
