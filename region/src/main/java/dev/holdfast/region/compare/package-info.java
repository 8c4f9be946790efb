/**
 * Compares two regions that run: what each has, where they differ, whose fault that is, and what
 * mends it.
 */
@NullMarked
package dev.holdfast.region.compare;

import org.jspecify.annotations.NullMarked;
