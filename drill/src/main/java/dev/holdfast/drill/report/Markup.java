package dev.holdfast.drill.report;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * HTML, with SVG in it, as it is written. Text and the values of attributes are escaped here, and
 * nowhere else.
 */
final class Markup {
    private final StringBuilder text = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /** Opens an element; an attribute is {@code name=value}. */
    Markup open(String tag, String... attributes) {
        start(tag, attributes);
        open.push(tag);
        return this;
    }

    private void start(String tag, String... attributes) {
        text.append('<').append(tag);
        for (String attribute : attributes) {
            int equals = attribute.indexOf('=');
            text.append(' ').append(attribute, 0, equals).append("=\"");
            text.append(escaped(attribute.substring(equals + 1))).append('"');
        }
        text.append('>');
    }

    /** Closes the element that was opened last, which must be {@code tag}. */
    Markup close(String tag) {
        if (!open.pop().equals(tag)) throw new IllegalStateException("</" + tag + ">: not open");
        text.append("</").append(tag).append(">\n");
        return this;
    }

    /** An element with nothing but text in it. */
    Markup leaf(String tag, String words, String... attributes) {
        return open(tag, attributes).text(words).close(tag);
    }

    /** An element of HTML that never holds anything and has no end. */
    Markup single(String tag, String... attributes) {
        start(tag, attributes);
        return this;
    }

    Markup text(String words) {
        text.append(escaped(words));
        return this;
    }

    /** What stands by itself already: another piece, or a style sheet. */
    Markup raw(String whole) {
        text.append(whole);
        return this;
    }

    private static String escaped(String words) {
        return words.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** The whole; every element must be closed. */
    @Override
    public String toString() {
        if (!open.isEmpty()) throw new IllegalStateException("<" + open.peek() + ">: not closed");
        return text.toString();
    }
}
