@NullMarked
package dev.holdfast.drill.fuzz;

import org.jspecify.annotations.NullMarked;
