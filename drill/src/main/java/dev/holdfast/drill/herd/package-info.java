/** The drill {@code herd}: thousands of devices and edges with a backlog that come back at once. */
@NullMarked
package dev.holdfast.drill.herd;

import org.jspecify.annotations.NullMarked;
