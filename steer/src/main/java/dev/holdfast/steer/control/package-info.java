/** What those who run a steer node ask of it, and the trail of what has changed. */
@NullMarked
package dev.holdfast.steer.control;

import org.jspecify.annotations.NullMarked;
