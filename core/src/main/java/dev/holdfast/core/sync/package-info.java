/**
 * The protocol as machines without threads, clocks or I/O: what happened goes in, what to do comes
 * out.
 */
@NullMarked
package dev.holdfast.core.sync;

import org.jspecify.annotations.NullMarked;
