package dev.holdfast.core.replica;

import dev.holdfast.core.Value;

/**
 * What an application wants done to a document, before the author has looked at what stands there.
 * Paths are as in {@link dev.holdfast.core.operation.Key}; the empty one is the whole document.
 */
public sealed interface Change {
    String path();

    /**
     * Makes {@code value} what is shown at the path and below, by the least edits: what is shown
     * already is not written again, a map goes field by field, a counter gets the difference and a
     * set the elements that are missing or too many.
     */
    record Put(String path, Value value) implements Change {}

    /** Removes whatever stands at the path and below. */
    record Unset(String path) implements Change {}

    record Increment(String path, long by) implements Change {}

    record Add(String path, Value element) implements Change {}

    record Remove(String path, Value element) implements Change {}

    /** Removes the document, by the policy of its collection. */
    record Delete() implements Change {
        @Override
        public String path() {
            return "";
        }
    }
}
