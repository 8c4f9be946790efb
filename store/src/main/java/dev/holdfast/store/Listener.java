package dev.holdfast.store;

/**
 * Is told what was committed, after it was: in order, from one thread, never twice at the same
 * time. While it is busy, what comes meanwhile is joined, so that a slow listener costs nobody
 * anything.
 */
@FunctionalInterface
public interface Listener {
    void committed(Committed committed);
}
