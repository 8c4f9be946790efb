/** The command line: one class per command. */
@NullMarked
package dev.holdfast.cli;

import org.jspecify.annotations.NullMarked;
