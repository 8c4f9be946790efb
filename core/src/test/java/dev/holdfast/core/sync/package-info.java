/** Both machines of the protocol, with and without each other. */
@NullMarked
package dev.holdfast.core.sync;

import org.jspecify.annotations.NullMarked;
