package dev.holdfast.node.sync;

import static dev.holdfast.node.sync.Fixture.SCOPE;
import static dev.holdfast.node.sync.Fixture.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.sync.Message;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.node.grants.Bearer;
import dev.holdfast.node.grants.Revocation;
import dev.holdfast.node.grants.RevocationList;
import dev.holdfast.node.grants.RevocationsEndpoint;
import dev.holdfast.node.grants.SignedRevocations;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node does with a list of what is revoked that is handed to it over HTTP. */
class RevokedTest {
    @TempDir Path folder;
    private Fixture node;
    private HttpClient client;

    @BeforeEach
    void start() throws Exception {
        node = new Fixture(folder, new SyncSettings(3, Duration.ofSeconds(2), true));
        client = HttpClient.newBuilder().sslContext(node.trust.context()).build();
    }

    @AfterEach
    void stop() {
        client.shutdownNow();
        node.close();
    }

    @Test
    void anybody_may_hand_a_newer_list_over_and_it_is_given_to_whoever_shows_a_grant()
            throws Exception {
        Fixture.Device reader = node.device();
        assertThat(get(reader, "").statusCode()).isEqualTo(204);
        String second = list(2, node.device()).text();
        assertThat(put(second)).isEqualTo("200 {\"count\":1,\"serial\":2,\"stands\":true}");
        assertThat(put(second)).isEqualTo("200 {\"count\":1,\"serial\":2,\"stands\":true}");
        assertThat(put(list(1, node.device(), node.device()).text()))
                .isEqualTo("200 {\"count\":1,\"serial\":2,\"stands\":false}");
        HttpResponse<String> given = get(reader, "");
        assertThat(given.statusCode()).isEqualTo(200);
        assertThat(given.body()).isEqualTo(second);
        assertThat(given.headers().firstValue("ETag")).contains("\"2\"");
        assertThat(get(reader, "\"2\"").statusCode()).isEqualTo(304);
        assertThat(get(reader, "\"1\"").body()).isEqualTo(second);
        HttpResponse<String> nobody =
                client.send(
                        node.request(RevocationsEndpoint.PATH).build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(nobody.statusCode()).isEqualTo(401);
        assertThat(nobody.body()).contains("grant-missing");
    }

    @Test
    void a_list_that_is_foreign_or_too_long_or_none_is_refused_and_what_stands_stays()
            throws Exception {
        put(list(2, node.device()).text());
        ReplicaKey stranger = ReplicaKey.create(Entropy.system());
        RevocationList greater = new RevocationList(8, node.revocations.list().revoked());
        assertThat(put(SignedRevocations.sign(greater, stranger::sign).text()))
                .startsWith("400")
                .contains("list-refused", "none of the authorities");
        assertThat(put("rubbish")).startsWith("400").contains("list-refused");
        assertThat(put("x".repeat(SignedRevocations.MAX_BYTES + 1))).startsWith("413");
        assertThat(node.revocations.list().serial()).isEqualTo(2);
    }

    @Test
    void an_open_session_ends_when_its_grant_is_revoked_and_others_stay() throws Exception {
        Fixture.Device stolen = node.device();
        Fixture.Device other = node.device();
        try (TestClient thief = TestClient.greeted(node, stolen);
                TestClient nurse = TestClient.greeted(node, other)) {
            thief.send(subscribe(SCOPE));
            thief.expect(Message.Opened.class);
            put(list(1, stolen).text());
            assertThat(thief.expectBye()).isEqualTo(Message.Bye.Code.UNAUTHORIZED);
            thief.expectClosed();
            nurse.send(subscribe(SCOPE));
            nurse.expect(Message.Opened.class);
        }
    }

    @Test
    void nobody_comes_in_by_a_revoked_grant_nor_by_what_was_made_of_it() throws Exception {
        Fixture.Device stolen = node.device();
        ReplicaKey next = ReplicaKey.create(Entropy.system());
        Bytes text = stolen.grant().successionText(next.publicKey());
        SignedGrant handedOver =
                stolen.grant().succeededBy(next.publicKey(), stolen.key().sign(text));
        TestClient.greeted(node, new Fixture.Device(next, handedOver)).close();
        put(list(1, stolen).text());
        for (Fixture.Device each : List.of(stolen, new Fixture.Device(next, handedOver))) {
            try (TestClient thief = new TestClient(node)) {
                thief.hello(each.key(), each.grant());
                Object said = thief.next();
                assertThat(said).isInstanceOf(Message.Bye.class);
                assertThat(((Message.Bye) said).code()).isEqualTo(Message.Bye.Code.UNAUTHORIZED);
                assertThat(((Message.Bye) said).reason()).contains("revoked");
            }
        }
        assertThat(get(stolen, "").body()).contains("grant-revoked");
    }

    private SignedRevocations list(long serial, Fixture.Device... revoked) {
        List<Revocation> words =
                java.util.Arrays.stream(revoked)
                        .map(device ->
                                new Revocation(
                                        device.key().publicKey(),
                                        device.grant().grant().subject(),
                                        Instant.ofEpochMilli(Fixture.NOW),
                                        Optional.of("stolen")))
                        .toList();
        RevocationList begun = new RevocationList(serial - 1, java.util.Map.of());
        return SignedRevocations.sign(begun.next(words), node.grants::sign);
    }

    private String put(String text) throws Exception {
        HttpResponse<String> answer =
                client.send(
                        node.request(RevocationsEndpoint.PATH)
                                .PUT(HttpRequest.BodyPublishers.ofString(text))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() + " " + answer.body();
    }

    private HttpResponse<String> get(Fixture.Device as, String known) throws Exception {
        HttpRequest.Builder request =
                node.request(RevocationsEndpoint.PATH)
                        .header(Bearer.HEADER, Bearer.header(as.grant().encoded()));
        if (!known.isEmpty()) request.header("If-None-Match", known);
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
