/** The protocol as machines without threads, clocks or I/O. */
@NullMarked
package dev.holdfast.core.sync;

import org.jspecify.annotations.NullMarked;
