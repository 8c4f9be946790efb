package dev.holdfast.cli.device;

import dev.holdfast.device.Device;
import dev.holdfast.device.Scope;
import java.time.Duration;

/**
 * A device while a command works on it.
 *
 * @param timeout how long the command may wait for the network
 */
record OpenDevice(Device device, Scope scope, boolean offline, Duration timeout)
        implements AutoCloseable {
    @Override
    public void close() {
        device.close();
    }
}
