@NullMarked
package dev.holdfast.region.log;

import org.jspecify.annotations.NullMarked;
