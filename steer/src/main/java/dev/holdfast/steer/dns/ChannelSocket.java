package dev.holdfast.steer.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import org.jspecify.annotations.Nullable;

/** The JDK's channel, one packet at a time, for systems that {@link BatchSocket} does not know. */
final class ChannelSocket implements PacketSocket {
    private final DatagramChannel channel;
    private final InetSocketAddress address;
    private final byte[] packet = new byte[MAX_PACKET_BYTES];
    private final ByteBuffer buffer = ByteBuffer.wrap(packet);
    private byte[] from = new byte[0];
    private @Nullable InetSocketAddress sender;

    /** Listens, beside other sockets on the same port where the system can. */
    ChannelSocket(InetSocketAddress at) throws IOException {
        channel = DatagramChannel.open();
        try {
            if (channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT))
                channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            channel.bind(at);
            if (!(channel.getLocalAddress() instanceof InetSocketAddress bound))
                throw new IOException("no address");
            address = bound;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public int receive() throws IOException {
        buffer.clear();
        if (!(channel.receive(buffer) instanceof InetSocketAddress came)
                || came.getAddress() == null) return 0;
        sender = came;
        from = came.getAddress().getAddress();
        return 1;
    }

    @Override
    public byte[] packet(int index) {
        return packet;
    }

    @Override
    public int length(int index) {
        return buffer.position();
    }

    @Override
    public byte[] from(int index) {
        return from;
    }

    @Override
    public void answer(int index, byte[] bytes, int length) {
        try {
            if (sender != null) channel.send(ByteBuffer.wrap(bytes, 0, length), sender);
        } catch (IOException e) {
            // Whoever asked does not hear it; it will ask again.
        }
    }

    @Override
    public void flush() {}

    @Override
    public InetSocketAddress address() {
        return address;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // It is closed, or about to be.
        }
    }

    @Override
    public void release() {
        close();
    }
}
