package dev.holdfast.edge;

import static dev.holdfast.edge.Clinic.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.replica.MemoryStore;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.node.sync.SyncEndpoint;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an edge kept aside, in the hands of its operators, over HTTP. */
class EdgeQuarantineTest {
    private static final String CONSOLE = "/v1/console";
    private static final String NONE_OPEN =
            "\"quarantine\":{\"more\":false,\"listed\":[],\"settled\":{\"more\":false,\"listed\":[{";
    private static final Pattern HASH = Pattern.compile("\"hash\":\"([0-9a-f]{64})\"");

    @TempDir Path folder;

    @Test
    void what_a_copied_device_wrote_is_looked_into_settled_and_opened_again() throws Exception {
        Clinic clinic = new Clinic(folder);
        ReplicaKey copied = ReplicaKey.create(Clinic.ENTROPY);
        String entry;
        try (EdgeNode edge = clinic.start();
                HttpClient client = clinic.http()) {
            Operator looks = new Operator(client, edge, token(clinic));
            Operator acts = new Operator(client, edge, token(clinic, Grant.ANY));
            push(clinic, client, edge, copied, first(copied, "kept", "Siti"));
            assertThat(edge.backlogOperations()).isEqualTo(1);
            push(clinic, client, edge, copied, first(copied, "lost", "Dewi"));
            await("the other is kept aside", () -> HASH.matcher(looks.console()).find());
            Matcher hash = HASH.matcher(looks.console());
            assertThat(hash.find()).isTrue();
            entry = CONSOLE + "/quarantine/" + hash.group(1);
            assertThat(looks.get(entry).body())
                    .contains("\"id\":\"lost\"", "\"fields\":[\"name\"]")
                    .doesNotContain("Dewi");
            assertThat(looks.post(entry + "/settle")).isEqualTo(403);
            assertThat(acts.post(entry + "/settle?why=line%0Abreak")).isEqualTo(400);
            assertThat(looks.console()).doesNotContain("\"settled-by\"");

            assertThat(acts.post(entry + "/settle?why=Dewi+wrote+again")).isEqualTo(200);
            assertThat(looks.console())
                    .contains(
                            NONE_OPEN,
                            "\"settled-by\":\"dalia\"",
                            "\"settled-why\":\"Dewi wrote again\"");
            String unknown = CONSOLE + "/quarantine/" + "0".repeat(64);
            assertThat(looks.get(unknown).statusCode()).isEqualTo(404);
            assertThat(acts.post(unknown + "/settle")).isEqualTo(404);
            assertThat(looks.get(CONSOLE + "/quarantine/rubbish").statusCode()).isEqualTo(400);
        }
        try (EdgeNode edge = clinic.start();
                HttpClient client = clinic.http()) {
            Operator acts = new Operator(client, edge, token(clinic, Grant.ANY));
            assertThat(acts.console()).contains(NONE_OPEN);
            assertThat(acts.post(entry + "/settle?undo=true")).isEqualTo(200);
            assertThat(acts.console()).doesNotContain("\"settled-by\"").containsPattern(HASH);
        }
    }

    private record Operator(HttpClient client, EdgeNode edge, String token) {
        String console() {
            try {
                return get(CONSOLE).body();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        HttpResponse<String> get(String path) throws Exception {
            return Clinic.send(client, request(path));
        }

        int post(String path) throws Exception {
            return Clinic.send(client, request(path).POST(HttpRequest.BodyPublishers.noBody()))
                    .statusCode();
        }

        private HttpRequest.Builder request(String path) {
            return HttpRequest.newBuilder(edge.address().resolve(path))
                    .header("Authorization", "Bearer " + token);
        }
    }

    private static String token(Clinic clinic, String... write) {
        long now = Clinic.CLOCK.millis();
        Grant grant =
                new Grant(
                        ReplicaKey.create(Clinic.ENTROPY).publicKey(),
                        "dalia",
                        Grant.Role.OPERATOR,
                        List.of(new Grant.Right(Grant.ANY, true, List.of(write))),
                        now - 86_400_000L,
                        now + 86_400_000L,
                        0);
        return Clinic.token(Clinic.sign(clinic.authority.grantKey(), grant));
    }

    /** What a store wrote first: another with the same key gives the same number to other bytes. */
    private static Batch first(ReplicaKey key, String id, String name) {
        return MemoryStore.durable()
                .write(tables -> {
                    Author author = new Author(tables, key.replica(), Schema.EMPTY);
                    author.write(
                            Clinic.SCOPE,
                            Map.of(
                                    new DocumentId("patients", id),
                                    List.of(new Change.Put("name", Value.of(name)))),
                            null,
                            Clinic.CLOCK.millis());
                    Batch.Draft draft = Objects.requireNonNull(author.draft(Clinic.SCOPE));
                    return draft.signed(key.sign(draft.signedText()));
                });
    }

    /** A session of two requests, that sends and does not listen: a copy that hears finds out. */
    private static void push(
            Clinic clinic, HttpClient client, EdgeNode edge, ReplicaKey key, Batch batch)
            throws Exception {
        SignedGrant grant =
                Clinic.grant(clinic.authority.grantKey(), key.publicKey(), Grant.Role.DEVICE, 30);
        Message.Challenge challenge =
                (Message.Challenge) sync(client, edge, Bytes.EMPTY).getFirst();
        Bytes nonce = Bytes.wrap(new byte[16]);
        Bytes proof = key.sign(Message.proofText(challenge.node(), challenge.nonce(), nonce));
        CborWriter out = new CborWriter();
        MessageCodec.write(
                new Message.Hello(Message.VERSION, grant, challenge.nonce(), nonce, proof), out);
        MessageCodec.write(
                new Message.Subscribe(
                        Clinic.SCOPE, null, Bytes.EMPTY, new Context(), Intervals.NONE),
                out);
        MessageCodec.write(
                new Message.Push(Clinic.SCOPE, List.of(grant), List.of(batch), List.of()), out);
        List<Message> answers = sync(client, edge, out.toBytes());
        assertThat(answers).noneMatch(Message.Bye.class::isInstance);
    }

    private static List<Message> sync(HttpClient client, EdgeNode edge, Bytes body)
            throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(edge.address().resolve(SyncEndpoint.PATH))
                        .header("Content-Type", "application/cbor")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body.toArray()))
                        .build();
        HttpResponse<byte[]> response =
                client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).isEqualTo(200);
        return MessageCodec.decodeAll(Bytes.wrap(response.body()));
    }
}
