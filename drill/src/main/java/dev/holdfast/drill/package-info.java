/** The simulator and the fault drills. Sees every module; no module sees it. */
@NullMarked
package dev.holdfast.drill;

import org.jspecify.annotations.NullMarked;
