package dev.holdfast.node.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * Whether a connection lives, by bytes instead of messages: over a thin link one message takes
 * minutes, and no pong can overtake it in either direction. On the connection's event loop only.
 */
final class Liveness extends ChannelInboundHandlerAdapter {
    /** Ticks in a row without a byte after which nobody is there. */
    static final int SILENT_TICKS = 3;

    private int silentTicks;
    private long pendingBytes;

    /** Watches {@code channel} from now on. */
    static Liveness watch(Channel channel) {
        Liveness liveness = new Liveness();
        channel.pipeline().addFirst(liveness);
        return liveness;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
        silentTicks = 0;
        context.fireChannelRead(bytes);
    }

    /** Counts one interval; whether the connection still counts as alive. */
    boolean tick(Channel channel) {
        ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
        long pending = out == null ? 0 : out.totalPendingWriteBytes();
        // What became less went out to somebody.
        if (pending < pendingBytes) silentTicks = 0;
        pendingBytes = pending;
        return ++silentTicks <= SILENT_TICKS;
    }

    /** While we do not read, silence is no sign of anything. */
    void excuse() {
        silentTicks = 0;
    }
}
