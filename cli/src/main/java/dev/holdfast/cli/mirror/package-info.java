/** The commands about a region's mirror, asked of the region that runs. */
@NullMarked
package dev.holdfast.cli.mirror;

import org.jspecify.annotations.NullMarked;
