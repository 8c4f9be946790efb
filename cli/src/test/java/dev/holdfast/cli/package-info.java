/** Commands as they are called: arguments in, text and exit code out. */
@NullMarked
package dev.holdfast.cli;

import org.jspecify.annotations.NullMarked;
