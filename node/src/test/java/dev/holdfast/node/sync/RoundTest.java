package dev.holdfast.node.sync;

import static dev.holdfast.node.sync.Fixture.SCOPE;
import static dev.holdfast.node.sync.Fixture.batches;
import static dev.holdfast.node.sync.Fixture.push;
import static dev.holdfast.node.sync.Fixture.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.keys.Entropy;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoundTest {
    @TempDir static Path folder;
    private static Fixture node;
    private static HttpClient client;

    @BeforeAll
    static void start() throws Exception {
        node = new Fixture(folder, SyncSettings.DEFAULT);
        client = HttpClient.newBuilder().sslContext(node.trust.context()).build();
    }

    @AfterAll
    static void stop() {
        client.shutdownNow();
        node.close();
    }

    private static HttpResponse<byte[]> post(Bytes body, String type) throws Exception {
        return client.send(
                HttpRequest.newBuilder(node.uri("https"))
                        .header("Content-Type", type)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body.toArray()))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private static List<Message> round(Message... messages) throws Exception {
        CborWriter out = new CborWriter();
        for (Message message : messages) MessageCodec.write(message, out);
        HttpResponse<byte[]> answer = post(out.toBytes(), "application/cbor");
        assertThat(answer.statusCode()).isEqualTo(200);
        return MessageCodec.decodeAll(Bytes.wrap(answer.body()));
    }

    private static Message.Challenge challenge() throws Exception {
        return (Message.Challenge) round().getFirst();
    }

    @Test
    void a_whole_session_fits_into_one_round() throws Exception {
        Fixture.Device writer = node.device();
        Batch batch = batches(writer.key(), 1, 3).getFirst();
        List<Message> said =
                round(
                        TestClient.hello(writer.key(), writer.grant(), challenge()),
                        subscribe(SCOPE),
                        push(batch));
        assertThat(said.getFirst()).isInstanceOf(Message.Welcome.class);
        assertThat(said)
                .anySatisfy(message ->
                        assertThat(message)
                                .isInstanceOfSatisfying(
                                        Message.Ack.class,
                                        ack ->
                                                assertThat(ack.receipt().receipt().spans())
                                                        .containsExactly(Span.of(batch))));
        Fixture.Device reader = node.device();
        List<Message> came =
                round(
                        TestClient.hello(reader.key(), reader.grant(), challenge()),
                        subscribe(SCOPE));
        assertThat(came)
                .anySatisfy(message ->
                        assertThat(message)
                                .isInstanceOfSatisfying(
                                        Message.Changes.class,
                                        changes -> assertThat(changes.batches()).contains(batch)));
    }

    @Test
    void a_nonce_counts_for_five_minutes_and_only_here() {
        Nonces nonces = new Nonces(Entropy.system());
        Bytes nonce = nonces.make(Fixture.NOW);
        assertThat(nonces.isFresh(nonce, Fixture.NOW + 299_000)).isTrue();
        assertThat(nonces.isFresh(nonce, Fixture.NOW + 301_000)).isFalse();
        assertThat(new Nonces(Entropy.system()).isFresh(nonce, Fixture.NOW)).isFalse();
        byte[] changed = nonce.toArray();
        changed[3] ^= 1;
        assertThat(nonces.isFresh(Bytes.wrap(changed), Fixture.NOW)).isFalse();
        assertThat(nonces.isFresh(nonce.slice(0, 31), Fixture.NOW)).isFalse();
    }

    @Test
    void a_hello_over_another_nonce_is_not_let_in() throws Exception {
        Fixture.Device device = node.device();
        Message.Challenge own =
                new Message.Challenge(
                        Message.VERSION, challenge().node(), Entropy.system().bytes(32));
        assertThat(round(TestClient.hello(device.key(), device.grant(), own)).getFirst())
                .isInstanceOfSatisfying(
                        Message.Bye.class,
                        bye -> assertThat(bye.code()).isEqualTo(Message.Bye.Code.UNAUTHORIZED));
    }

    private static Message.Bye.Code bye(Bytes body) throws Exception {
        HttpResponse<byte[]> answer = post(body, "application/cbor");
        assertThat(answer.statusCode()).isEqualTo(200);
        return MessageCodec.decodeAll(Bytes.wrap(answer.body())).stream()
                .filter(Message.Bye.class::isInstance)
                .map(said -> ((Message.Bye) said).code())
                .findFirst()
                .orElseThrow();
    }

    /** It unfolds into many times its size, and until then its sender may be anybody. */
    @Test
    void nothing_is_read_of_a_client_that_has_not_proved_who_it_is() throws Exception {
        Bytes malformed = Bytes.fromHex("8508ffffffffff");
        assertThat(bye(malformed)).isEqualTo(Message.Bye.Code.UNEXPECTED);
        Fixture.Device device = node.device();
        Message.Hello hello = TestClient.hello(device.key(), device.grant(), challenge());
        Message.Hello unproven =
                new Message.Hello(
                        hello.version(),
                        hello.grant(),
                        hello.nonce(),
                        hello.own(),
                        Bytes.wrap(new byte[64]));
        assertThat(bye(MessageCodec.encode(unproven).concat(malformed)))
                .isEqualTo(Message.Bye.Code.UNAUTHORIZED);
        Bytes known = MessageCodec.encode(hello).concat(malformed);
        assertThat(post(known, "application/cbor").statusCode()).isEqualTo(400);
        assertThat(node.figure("holdfast.sync.push.bytes")).isZero();
    }

    @Test
    void what_is_no_message_is_a_bad_request() throws Exception {
        Bytes junk = Bytes.wrap(new byte[] {1, 2, 3});
        assertThat(post(junk, "application/cbor").statusCode()).isEqualTo(400);
        assertThat(post(junk, "application/json").statusCode()).isEqualTo(415);
        assertThat(post(Bytes.wrap(new byte[5 << 20]), "application/cbor").statusCode())
                .isEqualTo(413);
        assertThat(round(subscribe(SCOPE)).getFirst())
                .isInstanceOfSatisfying(
                        Message.Bye.class,
                        bye -> assertThat(bye.code()).isEqualTo(Message.Bye.Code.UNEXPECTED));
    }
}
