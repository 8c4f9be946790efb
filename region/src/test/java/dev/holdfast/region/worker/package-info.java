@NullMarked
package dev.holdfast.region.worker;

import org.jspecify.annotations.NullMarked;
