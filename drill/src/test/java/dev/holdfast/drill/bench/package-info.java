@NullMarked
package dev.holdfast.drill.bench;

import org.jspecify.annotations.NullMarked;
