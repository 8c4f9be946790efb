/**
 * Mutated input against everything that reads what others wrote: the codecs, the session's machine,
 * and a real edge.
 */
@NullMarked
package dev.holdfast.drill.fuzz;

import org.jspecify.annotations.NullMarked;
