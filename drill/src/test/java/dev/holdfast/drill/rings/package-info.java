@NullMarked
package dev.holdfast.drill.rings;

import org.jspecify.annotations.NullMarked;
