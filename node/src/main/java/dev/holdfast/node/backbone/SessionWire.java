package dev.holdfast.node.backbone;

import dev.holdfast.core.Bytes;
import dev.holdfast.node.http.ConnectionClosedException;
import dev.holdfast.node.http.Session;
import dev.holdfast.node.http.Traffic;
import java.io.IOException;

/** What a neighbour has dialled. */
final class SessionWire implements Wire {
    private final Session session;
    private final Traffic traffic;

    SessionWire(Session session) {
        this.session = session;
        this.traffic = session.traffic();
    }

    @Override
    public void send(Bytes frame) throws IOException, InterruptedException {
        try {
            session.send(frame);
        } catch (ConnectionClosedException e) {
            throw new IOException("the neighbour is gone: " + e.getMessage(), e);
        }
    }

    @Override
    public Bytes receive() throws IOException, InterruptedException {
        return switch (session.receive()) {
            case Session.Incoming.Binary(Bytes frame) -> frame;
            case Session.Incoming.Text _ -> throw new IOException("the neighbour sent text");
            case Session.Incoming.Closed(int code, String reason) ->
                    throw new IOException(
                            "the neighbour closed the connection: " + code + " " + reason);
        };
    }

    @Override
    public long bytes() {
        return traffic.bytes();
    }

    @Override
    public void close() {
        session.close(Session.GOING_AWAY, "the link is given up");
    }
}
