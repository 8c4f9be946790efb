package dev.holdfast.cli.trust;

import dev.holdfast.core.MalformedException;
import dev.holdfast.core.operation.Grant;
import java.util.ArrayList;
import java.util.List;

/**
 * What a grant allows in a scope, written {@code clinic-7:read,write=patients+vitals}; {@code
 * write=*} is every collection, and the scope {@code *} every one.
 */
public final class Rights {
    private static final String FORM =
            "a right is SCOPE:read, SCOPE:write=COLLECTION+COLLECTION or both with a comma, such as"
                    + " clinic-7:read,write=patients+vitals";

    /** Everything in every scope: what a node needs that passes on for others. */
    public static final Grant.Right ALL = new Grant.Right(Grant.ANY, true, List.of(Grant.ANY));

    private Rights() {}

    /**
     * Reads one right.
     *
     * @throws MalformedException when {@code text} is none; the message says what one is
     */
    public static Grant.Right parse(String text) {
        // A scope may hold colons, so the last one that makes sense is the divider.
        for (int colon = text.lastIndexOf(':');
                colon > 0;
                colon = text.lastIndexOf(':', colon - 1)) {
            boolean read = false;
            List<String> write = new ArrayList<>();
            boolean understood = true;
            for (String part : text.substring(colon + 1).split(",", -1)) {
                if (part.equals("read")) read = true;
                else if (part.startsWith("write=") && part.length() > 6) {
                    write.addAll(List.of(part.substring(6).split("\\+", -1)));
                } else understood = false;
            }
            if (understood && !write.contains("")) {
                return new Grant.Right(text.substring(0, colon), read, write);
            }
        }
        throw new MalformedException("\"" + text + "\" is no right: " + FORM);
    }

    public static String text(Grant.Right right) {
        List<String> parts = new ArrayList<>();
        if (right.read()) parts.add("read");
        if (!right.write().isEmpty()) parts.add("write=" + String.join("+", right.write()));
        return right.scope() + ":" + String.join(",", parts);
    }
}
