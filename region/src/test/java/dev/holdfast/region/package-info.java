@NullMarked
package dev.holdfast.region;

import org.jspecify.annotations.NullMarked;
