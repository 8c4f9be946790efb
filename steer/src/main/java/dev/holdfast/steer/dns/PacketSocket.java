package dev.holdfast.steer.dns;

import java.io.IOException;
import java.net.InetSocketAddress;

/** A UDP socket from which packets come, and on which they are answered, many at a time. */
interface PacketSocket extends AutoCloseable {
    /** Longer packets are cut, and then make no sense. */
    int MAX_PACKET_BYTES = 4096;

    /**
     * Waits for packets.
     *
     * @return how many came; 0 when none did for a while
     * @throws IOException when there will be none any more
     */
    int receive() throws IOException;

    /** One of those; what it returns holds until the next call. */
    byte[] packet(int index);

    int length(int index);

    /** The address that it came from, of 4 or 16 bytes; holds until the next call. */
    byte[] from(int index);

    /** Puts an answer to one of those beside the others. */
    void answer(int index, byte[] bytes, int length);

    /** Sends them; what the network does not take is lost, as anything on it may be. */
    void flush();

    /** Where it listens. */
    InetSocketAddress address();

    /** Ends a {@link #receive} of another thread, soon. */
    @Override
    void close();

    /** Gives back all that it holds; called by the thread that receives, as its last. */
    void release();
}
