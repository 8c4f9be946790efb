/** The disks of a drill: file systems of its own, which it may fill, break, freeze and cut off. */
@NullMarked
package dev.holdfast.drill.disk;

import org.jspecify.annotations.NullMarked;
