/**
 * Keeps several regions the same: each follows what the others applied, and puts it into its log.
 */
@NullMarked
package dev.holdfast.region.mirror;

import org.jspecify.annotations.NullMarked;
