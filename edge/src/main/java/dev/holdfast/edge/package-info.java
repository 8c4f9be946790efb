/**
 * An edge: takes in what devices push, makes it durable, serves it to the others, and forwards it
 * to a region whenever there is a way.
 */
@NullMarked
package dev.holdfast.edge;

import org.jspecify.annotations.NullMarked;
