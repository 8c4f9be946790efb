@NullMarked
package dev.holdfast.cli.mirror;

import org.jspecify.annotations.NullMarked;
