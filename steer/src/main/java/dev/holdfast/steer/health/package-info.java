/** Looks at endpoints, and judges from what is seen whether they work. */
@NullMarked
package dev.holdfast.steer.health;

import org.jspecify.annotations.NullMarked;
