package dev.holdfast.device;

/** Something that is told until this is closed. May be closed twice, and by any thread. */
public interface Subscription extends AutoCloseable {
    @Override
    void close();
}
