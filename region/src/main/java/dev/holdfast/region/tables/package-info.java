/**
 * Mirrors tables of the application itself: a row is a document, so that rows are merged column by
 * column and reach the other regions as documents do.
 */
@NullMarked
package dev.holdfast.region.tables;

import org.jspecify.annotations.NullMarked;
