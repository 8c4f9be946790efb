/**
 * Drills of one fault each, told on the rings of {@code dev.holdfast.drill.rings} and judged by the
 * same judge.
 */
@NullMarked
package dev.holdfast.drill.faults;

import org.jspecify.annotations.NullMarked;
