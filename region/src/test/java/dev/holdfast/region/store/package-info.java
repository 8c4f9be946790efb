@NullMarked
package dev.holdfast.region.store;

import org.jspecify.annotations.NullMarked;
