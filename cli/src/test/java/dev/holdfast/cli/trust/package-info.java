@NullMarked
package dev.holdfast.cli.trust;

import org.jspecify.annotations.NullMarked;
