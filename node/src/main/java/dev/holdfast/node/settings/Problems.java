package dev.holdfast.node.settings;

import java.util.ArrayList;
import java.util.List;

/** The mistakes found so far in one file. Not thread-safe. */
final class Problems {
    private static final int MAX_KEPT = 100;

    private final String origin;
    private final List<String> found = new ArrayList<>();

    Problems(String origin) {
        this.origin = origin;
    }

    void add(int line, String sentence) {
        if (found.size() < MAX_KEPT) found.add(origin + ":" + line + ": " + sentence);
    }

    boolean none() {
        return found.isEmpty();
    }

    List<String> all() {
        return found;
    }
}
