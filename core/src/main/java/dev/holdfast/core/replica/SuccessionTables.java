package dev.holdfast.core.replica;

import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.ReplicaId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The tables of a store that can take a new key: what a {@link Succession} asks beyond others. */
public interface SuccessionTables extends ReplicaTables {
    /** Takes a batch of this store's author out of its chain and out of the outbox. */
    void disown(OutboxItem item);

    /** Forgets that an operation of its own touched its document. */
    void dropOwn(String scope, Operation operation);

    /** The unsealed transaction that has {@code seq}. */
    @Nullable Unsealed unsealedWith(String scope, long seq);

    /** Sets an operation aside until it is known what became of it elsewhere. */
    void setAside(String scope, Succession.SetAside kept);

    /** The one that was set aside under that dot. */
    Succession.@Nullable SetAside setAside(String scope, Dot dot);

    /** Those of a scope, in the order of their new numbers. */
    List<Succession.SetAside> setAside(String scope);

    /** Forgets those of {@code replica} from one number to another. */
    void dropSetAside(String scope, ReplicaId replica, long from, long to);
}
