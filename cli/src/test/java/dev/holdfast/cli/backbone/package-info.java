@NullMarked
package dev.holdfast.cli.backbone;

import org.jspecify.annotations.NullMarked;
