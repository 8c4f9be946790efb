/** What an author writes and signs: dots, clocks, edits, operations, batches, grants, receipts. */
@NullMarked
package dev.holdfast.core.operation;

import org.jspecify.annotations.NullMarked;
