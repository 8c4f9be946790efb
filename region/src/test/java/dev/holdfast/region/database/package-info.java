@NullMarked
package dev.holdfast.region.database;

import org.jspecify.annotations.NullMarked;
