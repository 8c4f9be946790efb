/** One node in this process: from settings in a file, until it is told to stop. */
@NullMarked
package dev.holdfast.cli.node;

import org.jspecify.annotations.NullMarked;
