/** What becomes of operations: contexts, entries and documents that converge in any order. */
@NullMarked
package dev.holdfast.core.merge;

import org.jspecify.annotations.NullMarked;
