@NullMarked
package dev.holdfast.drill.sim;

import org.jspecify.annotations.NullMarked;
