/** Takes pushes in: what a region's sessions ask of its log and its database. */
@NullMarked
package dev.holdfast.region.ingest;

import org.jspecify.annotations.NullMarked;
