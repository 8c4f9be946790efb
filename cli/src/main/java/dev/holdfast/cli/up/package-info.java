/** A whole system on one machine: its keys, its nodes as child processes, and two demo devices. */
@NullMarked
package dev.holdfast.cli.up;

import org.jspecify.annotations.NullMarked;
