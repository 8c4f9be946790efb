@NullMarked
package dev.holdfast.drill.net;

import org.jspecify.annotations.NullMarked;
