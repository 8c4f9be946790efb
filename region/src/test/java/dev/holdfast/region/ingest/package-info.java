@NullMarked
package dev.holdfast.region.ingest;

import org.jspecify.annotations.NullMarked;
