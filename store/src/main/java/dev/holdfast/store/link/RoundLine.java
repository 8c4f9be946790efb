package dev.holdfast.store.link;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.keys.wire.Frames;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.List;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/** Rounds of {@code POST /v1/sync}, for networks that let no session live. */
final class RoundLine implements Line {
    private static final MediaType CBOR = MediaType.get("application/cbor");
    private static final String ZSTD = "zstd";
    private static final int WORTHWHILE_BYTES = 1024;

    private final OkHttpClient client;
    private final URI endpoint;
    private final Request template;
    private final Message.Challenge challenge;

    private RoundLine(OkHttpClient client, URI endpoint, Request template) throws IOException {
        this.client = client;
        this.endpoint = endpoint;
        this.template = template;
        List<Message> answer = exchange(Bytes.EMPTY);
        if (answer.size() != 1 || !(answer.get(0) instanceof Message.Challenge said)) {
            throw new IOException("the server did not answer with a challenge");
        }
        this.challenge = said;
    }

    /** Asks for a challenge and waits for it. */
    static RoundLine open(OkHttpClient client, URI endpoint, Request template) throws IOException {
        return new RoundLine(client, endpoint, template);
    }

    @Override
    public URI endpoint() {
        return endpoint;
    }

    @Override
    public Message.Challenge challenge() {
        return challenge;
    }

    /** One round: sends these, answers what came back. */
    List<Message> round(List<Message> messages) throws IOException {
        CborWriter out = new CborWriter(4096);
        for (Message message : messages) MessageCodec.write(message, out);
        // A part of it would not do: pushes rely on the grants shown before them in their round.
        if (out.size() > Limits.MESSAGE_BYTES) throw new IOException("more than a round may hold");
        return exchange(out.toBytes());
    }

    /** Nothing stays open between rounds but what the client pools. */
    @Override
    public void close() {}

    private List<Message> exchange(Bytes body) throws IOException {
        Request.Builder request = template.newBuilder().header("Accept-Encoding", ZSTD);
        if (body.size() > WORTHWHILE_BYTES) {
            Bytes compressed = Frames.compress(body);
            request.header("Content-Encoding", ZSTD)
                    .post(RequestBody.create(compressed.unsafeArray(), CBOR));
        } else {
            request.post(RequestBody.create(body.unsafeArray(), CBOR));
        }
        try (Response response = client.newCall(request.build()).execute()) {
            if (response.code() != 200) {
                throw new IOException("the server answered HTTP " + response.code());
            }
            Bytes bytes = read(response);
            return MessageCodec.decodeAll(bytes);
        } catch (MalformedException e) {
            throw new IOException("the server sent what is no message: " + e.getMessage(), e);
        }
    }

    private static Bytes read(Response response) throws IOException {
        try (InputStream in = response.body().byteStream()) {
            byte[] body = in.readNBytes(Limits.MESSAGE_BYTES + 1);
            if (body.length > Limits.MESSAGE_BYTES) throw new IOException("a very long answer");
            boolean zstd = ZSTD.equals(response.header("Content-Encoding"));
            Bytes bytes = Bytes.wrap(body);
            return zstd ? Frames.decompress(bytes, Limits.MESSAGE_BYTES) : bytes;
        }
    }
}
