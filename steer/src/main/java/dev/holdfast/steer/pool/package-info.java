/** Sets of endpoints of which an answer names those that work. */
@NullMarked
package dev.holdfast.steer.pool;

import org.jspecify.annotations.NullMarked;
