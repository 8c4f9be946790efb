package dev.holdfast.store.link;

import dev.holdfast.core.sync.Message;
import java.net.URI;

/** A way to a server that has said its challenge. */
sealed interface Line extends AutoCloseable permits SocketLine, RoundLine {
    URI endpoint();

    Message.Challenge challenge();

    /** May be closed twice, and by anybody. */
    @Override
    void close();
}
