@NullMarked
package dev.holdfast.cli.up;

import org.jspecify.annotations.NullMarked;
