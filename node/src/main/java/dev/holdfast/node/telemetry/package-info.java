/** What a node tells about itself: logs with trace ids, health, metrics. */
@NullMarked
package dev.holdfast.node.telemetry;

import org.jspecify.annotations.NullMarked;
