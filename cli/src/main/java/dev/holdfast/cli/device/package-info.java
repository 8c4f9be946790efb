/** A small device for the shell. */
@NullMarked
package dev.holdfast.cli.device;

import org.jspecify.annotations.NullMarked;
