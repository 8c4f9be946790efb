package dev.holdfast.core.operation;

import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;

/** The form of a scope's name: {@code [A-Za-z0-9._:-]{1,128}}. */
public final class Scope {
    private Scope() {}

    public static boolean isValid(String name) {
        if (name.isEmpty() || name.length() > Limits.SCOPE_CHARS) return false;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
            if (!letter && !(c >= '0' && c <= '9') && "._:-".indexOf(c) < 0) return false;
        }
        return true;
    }

    /**
     * Answers {@code name} if it is a scope.
     *
     * @throws MalformedException when it is not one
     */
    public static String require(String name) {
        if (!isValid(name))
            throw new MalformedException("a scope is 1 to 128 of A-Z a-z 0-9 . _ : -");
        return name;
    }
}
