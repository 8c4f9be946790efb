package dev.holdfast.node.backbone;

import dev.holdfast.core.Bytes;
import java.io.IOException;

/**
 * A connection to a neighbour, for blocking code: TLS with certificates on both sides, over which
 * whole frames go. One thread receives, one sends, any may close.
 */
interface Wire {
    /** Waits while the socket takes nothing. */
    void send(Bytes frame) throws IOException, InterruptedException;

    /** Waits for the next frame. */
    Bytes receive() throws IOException, InterruptedException;

    /** What went over it so far, both ways, below TLS. */
    long bytes();

    /** Whoever waits in it is told. */
    void close();
}
