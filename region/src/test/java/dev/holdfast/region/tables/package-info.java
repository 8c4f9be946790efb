@NullMarked
package dev.holdfast.region.tables;

import org.jspecify.annotations.NullMarked;
