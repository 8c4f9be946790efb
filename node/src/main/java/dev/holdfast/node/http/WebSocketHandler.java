package dev.holdfast.node.http;

/**
 * Decides about a WebSocket and, when it is taken, runs it; both on a virtual thread of its own.
 */
@FunctionalInterface
public interface WebSocketHandler {
    /** What becomes of a request to upgrade. */
    sealed interface Upgrade {
        /** Open it, and run {@code conversation}; when that returns, the session is closed. */
        record Accept(Conversation conversation) implements Upgrade {}

        record Refuse(Problem problem) implements Upgrade {}
    }

    @FunctionalInterface
    interface Conversation {
        void run(Session session) throws Exception;
    }

    Upgrade upgrade(Request request) throws Exception;
}
