/**
 * One node's copy of its scopes: applying, authoring, the outbox, over storage that is passed in.
 */
@NullMarked
package dev.holdfast.core.replica;

import org.jspecify.annotations.NullMarked;
