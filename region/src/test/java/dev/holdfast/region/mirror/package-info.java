@NullMarked
package dev.holdfast.region.mirror;

import org.jspecify.annotations.NullMarked;
