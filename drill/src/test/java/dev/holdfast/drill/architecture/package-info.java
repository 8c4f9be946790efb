/**
 * The rules that the compiler cannot hold: directions between modules, and where time comes from.
 */
@NullMarked
package dev.holdfast.drill.architecture;

import org.jspecify.annotations.NullMarked;
