/**
 * A region's scopes in PostgreSQL: {@link dev.holdfast.region.store.PostgresTables} is one
 * transaction, {@link dev.holdfast.region.store.RegionStore} runs them.
 */
@NullMarked
package dev.holdfast.region.store;

import org.jspecify.annotations.NullMarked;
