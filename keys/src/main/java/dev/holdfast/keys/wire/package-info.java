/** How a message looks on its way: framed, and compressed where that pays. */
@NullMarked
package dev.holdfast.keys.wire;

import org.jspecify.annotations.NullMarked;
