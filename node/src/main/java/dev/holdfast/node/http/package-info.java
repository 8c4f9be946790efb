/** HTTP on virtual threads: routes, bounded bodies, problems, streams and WebSocket sessions. */
@NullMarked
package dev.holdfast.node.http;

import org.jspecify.annotations.NullMarked;
