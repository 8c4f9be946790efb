/**
 * Figures: what the real parts do, beside the bare limit of what they stand on, measured in turns
 * in one run. Ratios travel from machine to machine; the numbers beside them do not.
 */
@NullMarked
package dev.holdfast.drill.bench;

import org.jspecify.annotations.NullMarked;
