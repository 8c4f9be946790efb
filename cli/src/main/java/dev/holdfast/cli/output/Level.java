package dev.holdfast.cli.output;

import dev.holdfast.core.operation.Durability;
import java.util.Locale;

/** How a durability is shown: five dots, filled as far as proven, and the words beside them. */
public final class Level {
    private Level() {}

    /** {@code ●●○○○ Safe at the local station}. */
    public static String shown(Durability level) {
        return dots(level) + " " + words(level);
    }

    public static String dots(Durability level) {
        int filled = level.code() + 1;
        return "●".repeat(filled) + "○".repeat(Durability.values().length - filled);
    }

    /** What the author of a write reads. */
    public static String words(Durability level) {
        return switch (level) {
            case DEVICE -> "Saved on this device";
            case EDGE -> "Safe at the local station";
            case REGION -> "Safe in the cloud";
            case APPLIED -> "In the record";
            case GLOBAL -> "In two regions";
        };
    }

    /** The one word for operators, options and JSON. */
    public static String word(Durability level) {
        return level.name().toLowerCase(Locale.ROOT);
    }
}
