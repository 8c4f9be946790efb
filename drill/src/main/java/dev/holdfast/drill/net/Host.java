package dev.holdfast.drill.net;

/** The machines of a drill. */
public enum Host {
    /** Inside: reaches the edge, and abroad through the border. */
    DEVICE_A,
    /** Abroad: reaches the region. */
    DEVICE_B,
    EDGE,
    CLOUD
}
