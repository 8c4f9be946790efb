/** The values that everything else is made of: bytes, JSON-like values, limits, SHA-256. */
@NullMarked
package dev.holdfast.core;

import org.jspecify.annotations.NullMarked;
