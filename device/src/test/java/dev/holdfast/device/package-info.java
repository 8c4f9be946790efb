@NullMarked
package dev.holdfast.device;

import org.jspecify.annotations.NullMarked;
