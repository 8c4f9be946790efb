/**
 * PostgreSQL for a region: {@link dev.holdfast.region.database.EmbeddedDatabase} runs one where
 * nobody else does, {@link dev.holdfast.region.database.Database} uses any.
 */
@NullMarked
package dev.holdfast.region.database;

import org.jspecify.annotations.NullMarked;
