/** Links on one machine that can be cut, where its own network cannot be. */
@NullMarked
package dev.holdfast.cli.net;

import org.jspecify.annotations.NullMarked;
