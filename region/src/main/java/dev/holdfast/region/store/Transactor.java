package dev.holdfast.region.store;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Runs transactions on a region's tables: on PostgreSQL, or in the simulator's memory. */
public interface Transactor {
    /**
     * Does {@code work} in a transaction that stands as a whole once this returns.
     *
     * @throws StoreException when the storage failed; after {@link
     *     dev.holdfast.region.database.DatabaseFailure#AWAY} it may stand all the same, so that
     *     what is done again must find out
     */
    <T extends @Nullable Object> T write(Function<? super RegionTables, T> work);

    /**
     * Reads what is committed, all of it as of one moment.
     *
     * @throws StoreException when the storage failed
     */
    <T extends @Nullable Object> T read(Function<? super RegionTables, T> work);
}
