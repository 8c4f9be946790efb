/** Looking again and again at what nobody tells of. */
@NullMarked
package dev.holdfast.region.watch;

import org.jspecify.annotations.NullMarked;
