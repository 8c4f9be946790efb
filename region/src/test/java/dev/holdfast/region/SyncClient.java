package dev.holdfast.region;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Pushes over {@code POST /v1/sync}, a session a round, as a device does on a bad network. */
final class SyncClient {
    private final HttpClient client;
    private final URI address;
    private final TestAuthor author;

    SyncClient(HttpClient client, URI address, TestAuthor author) {
        this.client = client;
        this.address = address.resolve("/v1/sync");
        this.author = author;
    }

    /** One round: says hello, subscribes, pushes these if there are any; what was answered. */
    List<Message> round(Batch... batches) throws IOException, InterruptedException {
        Message.Challenge challenge = (Message.Challenge) post(Bytes.EMPTY).getFirst();
        Bytes own = Bytes.wrap(new byte[16]);
        Bytes proof = author.key.sign(Message.proofText(challenge.node(), challenge.nonce(), own));
        CborWriter out = new CborWriter();
        MessageCodec.write(
                new Message.Hello(Message.VERSION, author.grant, challenge.nonce(), own, proof),
                out);
        Context pending = new Context();
        pending.add(author.id(), 1, 1_000);
        MessageCodec.write(
                new Message.Subscribe(author.scope, null, Bytes.EMPTY, pending, Intervals.NONE),
                out);
        if (batches.length > 0)
            MessageCodec.write(
                    new Message.Push(
                            author.scope, List.of(author.grant), List.of(batches), List.of()),
                    out);
        return post(out.toBytes());
    }

    /** What a round's answers acknowledge at a level or above. */
    static List<Span> acknowledged(List<Message> answers, Durability level) {
        List<Span> spans = new ArrayList<>();
        for (Message answer : answers) {
            if (answer instanceof Message.Ack ack && ack.receipt().receipt().level().reaches(level))
                spans.addAll(ack.receipt().receipt().spans());
        }
        return spans;
    }

    private List<Message> post(Bytes body) throws IOException, InterruptedException {
        HttpResponse<byte[]> response =
                client.send(
                        HttpRequest.newBuilder(address)
                                .timeout(Duration.ofSeconds(60))
                                .header("Content-Type", "application/cbor")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toArray()))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() != 200)
            throw new IOException(
                    response.statusCode()
                            + " "
                            + new String(response.body(), StandardCharsets.UTF_8));
        return MessageCodec.decodeAll(Bytes.wrap(response.body()));
    }
}
