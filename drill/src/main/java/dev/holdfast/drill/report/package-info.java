/**
 * What a drill looked like over time, and the page that shows it: one file with everything in it,
 * for a telephone or a desk, with no script and nothing from outside.
 */
@NullMarked
package dev.holdfast.drill.report;

import org.jspecify.annotations.NullMarked;
