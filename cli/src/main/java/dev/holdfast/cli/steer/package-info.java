/** Commands that run a steer node, and that ask one. */
@NullMarked
package dev.holdfast.cli.steer;

import org.jspecify.annotations.NullMarked;
