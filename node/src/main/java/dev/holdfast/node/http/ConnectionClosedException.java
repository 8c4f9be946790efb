package dev.holdfast.node.http;

import java.io.IOException;

/**
 * The other side is gone, or reads nothing for too long; what was being sent is of no use any more.
 */
public final class ConnectionClosedException extends IOException {
    private static final long serialVersionUID = 1L;

    public ConnectionClosedException(String message) {
        super(message);
    }
}
