package dev.holdfast.region;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.keys.wire.Frames;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A socket to a region, open as long as the test wants. */
final class LiveSession implements AutoCloseable {
    private final TestAuthor author;
    private final WebSocket socket;
    private final LinkedBlockingQueue<Message> heard = new LinkedBlockingQueue<>();

    LiveSession(HttpClient client, URI region, TestAuthor author) throws Exception {
        this.author = author;
        URI address = URI.create("wss://" + region.getAuthority() + "/v1/sync");
        socket =
                client.newWebSocketBuilder()
                        .buildAsync(address, new Listener(heard))
                        .get(60, TimeUnit.SECONDS);
        Message.Challenge challenge =
                (Message.Challenge) await("a challenge", Message.Challenge.class::isInstance);
        Bytes own = Bytes.wrap(new byte[16]);
        Bytes proof = author.key.sign(Message.proofText(challenge.node(), challenge.nonce(), own));
        send(new Message.Hello(Message.VERSION, author.grant, challenge.nonce(), own, proof));
        Context pending = new Context();
        pending.add(author.id(), 1, 1_000);
        send(new Message.Subscribe(author.scope, null, Bytes.EMPTY, pending, Intervals.NONE));
        await("an opening", Message.Opened.class::isInstance);
    }

    void push(Batch batch) throws Exception {
        send(new Message.Push(author.scope, List.of(author.grant), List.of(batch), List.of()));
    }

    /** The next message like that; others are passed over. */
    Message await(String what, Predicate<Message> wanted) throws InterruptedException {
        List<Message> passed = new ArrayList<>();
        while (true) {
            Message next = heard.poll(60, TimeUnit.SECONDS);
            if (next == null || next instanceof Message.Bye)
                throw new AssertionError("instead of " + what + ": " + passed + ", " + next);
            if (wanted.test(next)) return next;
            passed.add(next);
        }
    }

    private void send(Message message) throws Exception {
        Bytes frame = Frames.frame(MessageCodec.encode(message));
        socket.sendBinary(ByteBuffer.wrap(frame.toArray()), true).get(60, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        socket.abort();
    }

    private static final class Listener implements WebSocket.Listener {
        private final LinkedBlockingQueue<Message> heard;
        private final ByteArrayOutputStream whole = new ByteArrayOutputStream();

        Listener(LinkedBlockingQueue<Message> heard) {
            this.heard = heard;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(
                WebSocket socket, ByteBuffer data, boolean last) {
            byte[] part = new byte[data.remaining()];
            data.get(part);
            whole.writeBytes(part);
            if (last) {
                heard.add(MessageCodec.decode(Frames.message(Bytes.wrap(whole.toByteArray()))));
                whole.reset();
            }
            socket.request(1);
            return null;
        }
    }
}
