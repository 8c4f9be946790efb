@NullMarked
package dev.holdfast.drill.disk;

import org.jspecify.annotations.NullMarked;
