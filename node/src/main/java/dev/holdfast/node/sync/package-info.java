/** The server's side of sessions: core's machine run over WebSocket and over plain POST. */
@NullMarked
package dev.holdfast.node.sync;

import org.jspecify.annotations.NullMarked;
