/** Steer answers as other name servers do. */
@NullMarked
package dev.holdfast.drill.dns;

import org.jspecify.annotations.NullMarked;
