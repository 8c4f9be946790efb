package dev.holdfast.node.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What goes over one connection, both ways together, as it is below TLS: everything but the headers
 * of TCP and IP, and the handshake, which is over when this begins to count. Thread-safe to read.
 */
public final class Traffic extends ChannelDuplexHandler {
    private final AtomicLong bytes = new AtomicLong();

    private Traffic() {}

    /** Counts from now on. */
    public static Traffic watch(Channel channel) {
        Traffic traffic = new Traffic();
        channel.pipeline().addFirst(traffic);
        return traffic;
    }

    public long bytes() {
        return bytes.get();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        count(message);
        context.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        count(message);
        ChannelFuture _ = context.write(message, promise);
    }

    private void count(Object message) {
        if (message instanceof ByteBuf buffer) bytes.addAndGet(buffer.readableBytes());
    }
}
