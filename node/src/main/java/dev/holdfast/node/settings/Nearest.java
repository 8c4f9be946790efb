package dev.holdfast.node.settings;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Which of the known names somebody probably meant. */
final class Nearest {
    private Nearest() {}

    /** The name with the fewest edits between, unless so many that it is only a guess. */
    static Optional<String> to(String written, Collection<String> known) {
        String meant = normal(written);
        String best = null;
        int fewest = Integer.MAX_VALUE;
        for (String name : known) {
            int edits = distance(meant, normal(name));
            if (edits < fewest) {
                fewest = edits;
                best = name;
            }
        }
        int allowed = Math.max(2, written.length() / 2);
        return best != null && fewest <= allowed ? Optional.of(best) : Optional.empty();
    }

    /** Case and the way of joining words are no part of what was meant. */
    private static String normal(String name) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(name.length(), 100); i++) {
            char c = name.charAt(i);
            if (c != '-' && c != '_') text.append(c);
        }
        return text.toString().toLowerCase(Locale.ROOT);
    }

    /** Levenshtein's distance. */
    static int distance(String a, String b) {
        int[] before = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) before[j] = j;
        for (int i = 1; i <= a.length(); i++) {
            int[] now = new int[b.length() + 1];
            now[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = before[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                now[j] = Math.min(replaced, Math.min(before[j], now[j - 1]) + 1);
            }
            before = now;
        }
        return before[b.length()];
    }
}
