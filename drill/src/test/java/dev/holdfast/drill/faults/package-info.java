@NullMarked
package dev.holdfast.drill.faults;

import org.jspecify.annotations.NullMarked;
