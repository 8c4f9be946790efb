@NullMarked
package dev.holdfast.drill.process;

import org.jspecify.annotations.NullMarked;
