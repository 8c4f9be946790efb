package dev.holdfast.node.http;

import java.nio.charset.StandardCharsets;

/**
 * Server-sent events (the WHATWG's HTML, section 9.2). Sending waits for a reader that is slower.
 * The node itself writes a comment now and then, so that a reader that is gone is noticed.
 * Thread-safe.
 */
public final class EventStream {
    static final String CONTENT_TYPE = "text/event-stream";
    static final byte[] HEARTBEAT = ":\n\n".getBytes(StandardCharsets.US_ASCII);

    private final Outflow out;

    EventStream(Outflow out) {
        this.out = out;
    }

    /**
     * Sends one event.
     *
     * @param id where a reader that lost the connection goes on; without line breaks
     * @param event what kind it is; without line breaks
     * @param data text, which may have several lines
     * @throws ConnectionClosedException when the reader is gone or stalled
     */
    public void send(String id, String event, String data)
            throws ConnectionClosedException, InterruptedException {
        requireLine(id);
        requireLine(event);
        StringBuilder text = new StringBuilder(data.length() + 64);
        text.append("id: ").append(id).append("\nevent: ").append(event).append('\n');
        data.lines().forEach(line -> text.append("data: ").append(line).append('\n'));
        if (data.isEmpty()) text.append("data: \n");
        out.write(text.append('\n').toString().getBytes(StandardCharsets.UTF_8));
    }

    public boolean isOpen() {
        return out.isOpen();
    }

    /** As {@link Outflow#onClose}. */
    public void onClose(Runnable action) {
        out.onClose(action);
    }

    private static void requireLine(String text) {
        if (text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0 || text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a line break in an event's id or name");
        }
    }
}
