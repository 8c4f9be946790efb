/** The network of a drill, whose links are really cut. */
@NullMarked
package dev.holdfast.drill.net;

import org.jspecify.annotations.NullMarked;
