package dev.holdfast.region.tables;

import dev.holdfast.core.MalformedException;
import java.util.ArrayList;
import java.util.List;

/**
 * The primary key of a row: the texts of its columns, in the order of their names.
 *
 * <p>As a document's id the parts are joined by commas. A backslash, a comma and control characters
 * within a part go with a backslash before them or as {@code \}{@code uXXXX}, an empty part is
 * {@code \e}; so each key has one id and each id one key.
 */
record RowKey(List<String> parts) {
    RowKey {
        parts = List.copyOf(parts);
    }

    String id() {
        StringBuilder id = new StringBuilder();
        for (String part : parts) {
            if (!id.isEmpty()) id.append(',');
            if (part.isEmpty()) id.append("\\e");
            for (int i = 0; i < part.length(); i++) {
                char c = part.charAt(i);
                if (c == '\\' || c == ',') id.append('\\').append(c);
                else if (c < 0x20 || c == 0x7f) id.append(String.format("\\u%04x", (int) c));
                else id.append(c);
            }
        }
        return id.toString();
    }

    /**
     * Reads an id, which may come from anybody who writes documents.
     *
     * @throws MalformedException when it is no key of {@code count} columns
     */
    static RowKey of(String id, int count) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            if (c == ',') {
                parts.add(part.toString());
                part.setLength(0);
            } else if (c != '\\') {
                part.append(c);
            } else if (id.startsWith("e", i + 1)) {
                i++;
            } else if (id.startsWith("u", i + 1) && i + 6 <= id.length()) {
                part.append(control(id.substring(i + 2, i + 6)));
                i += 5;
            } else if (i + 1 < id.length()) {
                part.append(id.charAt(++i));
            }
        }
        parts.add(part.toString());
        RowKey key = new RowKey(parts);
        // What has another form has it beside this one: two ids of one row would be two documents.
        if (parts.size() != count || !key.id().equals(id))
            throw new MalformedException("the id is no key of " + count + " columns");
        return key;
    }

    /** What is no hexadecimal makes another character, whose own form is another. */
    private static char control(String hex) {
        int c = 0;
        for (int i = 0; i < hex.length(); i++)
            c = c * 16 + Math.max(0, Character.digit(hex.charAt(i), 16));
        return (char) c;
    }
}
