@NullMarked
package dev.holdfast.drill.states;

import org.jspecify.annotations.NullMarked;
