/** How commands speak: tables, the words for each state, errors in three lines. */
@NullMarked
package dev.holdfast.cli.output;

import org.jspecify.annotations.NullMarked;
