package dev.holdfast.node.telemetry;

/** How log lines look. */
public enum LogFormat {
    /** {@link #TEXT} where a person reads along at a terminal, else {@link #JSON}. */
    AUTO,
    /** One line for people. */
    TEXT,
    /** One JSON object a line, for machines. */
    JSON
}
