@NullMarked
package dev.holdfast.drill.report;

import org.jspecify.annotations.NullMarked;
