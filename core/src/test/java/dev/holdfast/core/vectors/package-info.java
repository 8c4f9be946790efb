/**
 * Golden vectors: bytes that every build of core must read and write alike, the one in JavaScript
 * too.
 */
@NullMarked
package dev.holdfast.core.vectors;

import org.jspecify.annotations.NullMarked;
