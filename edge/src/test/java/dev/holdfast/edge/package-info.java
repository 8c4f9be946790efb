@NullMarked
package dev.holdfast.edge;

import org.jspecify.annotations.NullMarked;
