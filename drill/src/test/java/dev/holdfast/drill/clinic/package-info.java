@NullMarked
package dev.holdfast.drill.clinic;

import org.jspecify.annotations.NullMarked;
