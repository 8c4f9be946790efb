/**
 * What every drill stands on: the three rings of a clinic as real processes, what their people were
 * told, what their stores hold, and the judge who compares the two. A {@link
 * dev.holdfast.drill.rings.Drill} tells a {@link dev.holdfast.drill.rings.Story} on them.
 */
@NullMarked
package dev.holdfast.drill.rings;

import org.jspecify.annotations.NullMarked;
