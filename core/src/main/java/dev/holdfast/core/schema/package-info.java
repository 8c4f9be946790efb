/** How a collection is read: kinds, policies, indexes, and the document a person sees. */
@NullMarked
package dev.holdfast.core.schema;

import org.jspecify.annotations.NullMarked;
