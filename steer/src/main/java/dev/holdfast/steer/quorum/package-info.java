/** How several nodes judge together, for each line of users by those that stand where they do. */
@NullMarked
package dev.holdfast.steer.quorum;

import org.jspecify.annotations.NullMarked;
