/** A region: its settings, and the wiring of its parts. */
@NullMarked
package dev.holdfast.region;

import org.jspecify.annotations.NullMarked;
