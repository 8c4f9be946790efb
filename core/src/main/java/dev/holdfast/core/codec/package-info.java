/**
 * Deterministic CBOR (RFC 8949, section 4.2) and JSON, written by hand so that every runtime writes
 * the same bytes.
 */
@NullMarked
package dev.holdfast.core.codec;

import org.jspecify.annotations.NullMarked;
