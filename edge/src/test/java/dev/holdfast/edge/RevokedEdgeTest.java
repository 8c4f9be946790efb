package dev.holdfast.edge;

import static dev.holdfast.edge.Clinic.SCOPE;
import static dev.holdfast.edge.Clinic.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.node.grants.Revocation;
import dev.holdfast.node.grants.RevocationList;
import dev.holdfast.node.grants.SignedRevocations;
import dev.holdfast.store.link.LinkStatus;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stolen tablet, and an edge that hears of it while it is cut off, or from its region. */
class RevokedEdgeTest {
    private static final Duration LOOKS = Duration.ofSeconds(50);

    @TempDir Path folder;

    @Test
    void a_stolen_tablet_is_thrown_out_of_an_edge_without_a_region_and_stays_out()
            throws Exception {
        Clinic clinic = new Clinic(folder);
        try (Clinic.Device stolen = clinic.device("stolen", URI.create("https://localhost:1"));
                Clinic.Device nurse = clinic.device("nurse", URI.create("https://localhost:1"))) {
            Bytes key = stolen.store.key().publicKey();
            try (EdgeNode edge = clinic.start()) {
                reach(edge, stolen, nurse);
                stolen.put("p1", "name", Value.of("Siti"));
                await("its write", () -> stolen.durability("p1") == Durability.EDGE);
                assertThat(put(clinic, edge.address(), list(clinic, 1, key))).isEqualTo(200);
                await("it is told why", () -> reason(stolen.link.status()).contains("revoked"));
                stolen.put("p2", "name", Value.of("after"));
                nurse.put("p3", "name", Value.of("goes on"));
                await("the nurse's write", () -> nurse.durability("p3") == Durability.EDGE);
                await("what was taken stays", () -> nurse.shown("p1").fields().size() == 1);
                assertThat(stolen.durability("p2")).isEqualTo(Durability.DEVICE);
                assertThat(ask(clinic, edge.address(), key)).contains("grant-revoked");
            }
            try (EdgeNode again = clinic.start()) {
                reach(again, stolen, nurse);
                await("the nurse is in", () -> nurse.link.status() instanceof LinkStatus.Connected);
                await("it is told why", () -> reason(stolen.link.status()).contains("revoked"));
                assertThat(nurse.shown("p2").fields()).isEmpty();
                assertThat(EdgeNodeTest.get(clinic, again, "/readyz")).contains("1 key, serial 1");
            }
        }
    }

    @Test
    void a_list_handed_to_an_edge_that_is_cut_off_comes_to_the_region_afterwards()
            throws Exception {
        Clinic clinic = new Clinic(folder);
        Bytes key = Bytes.wrap(new byte[32]);
        try (TestRegion region = new TestRegion(clinic);
                EdgeNode edge = clinic.start()) {
            String text = list(clinic, 3, key);
            assertThat(put(clinic, edge.address(), text)).isEqualTo(200);
            assertThat(region.revocations.newest()).isEmpty();
            edge.regions(List.of(region.address()));
            await("the region knows", () -> region.revocations.newest().isPresent());
            assertThat(region.revocations.newest().orElseThrow().text()).isEqualTo(text);
        }
    }

    @Test
    void an_edge_takes_the_newer_list_from_its_region() throws Exception {
        Clinic clinic = new Clinic(folder);
        Bytes key = Bytes.wrap(new byte[32]);
        try (TestRegion region = new TestRegion(clinic)) {
            region.revocations.take(list(clinic, 7, key), "test");
            EdgeSettings settings = clinic.settings().withRegions(List.of(region.address()));
            try (EdgeNode edge = EdgeMain.start(settings)) {
                await(
                        "the edge knows",
                        () -> EdgeNodeTest.get(clinic, edge, "/readyz").contains("serial 7"));
                put(clinic, edge.address(), list(clinic, 8, key));
                await("and back", () -> region.revocations.list().serial() == 8);
            }
        }
    }

    @Test
    void a_live_feed_under_a_revoked_grant_ends_at_once() throws Exception {
        Clinic clinic = new Clinic(folder);
        Bytes key = Bytes.wrap(new byte[32]);
        String token =
                Clinic.token(Clinic.grant(clinic.authority.grantKey(), key, Grant.Role.DEVICE, 3));
        try (EdgeNode edge = clinic.start();
                HttpClient client = clinic.http()) {
            HttpRequest feed =
                    HttpRequest.newBuilder(
                                    edge.address().resolve("/v1/scopes/" + SCOPE + "/changes"))
                            .header("Authorization", "Bearer " + token)
                            .header("Accept", "text/event-stream")
                            .build();
            HttpResponse<Stream<String>> events =
                    client.send(feed, HttpResponse.BodyHandlers.ofLines());
            assertThat(events.statusCode()).isEqualTo(200);
            long began = System.nanoTime();
            put(clinic, edge.address(), list(clinic, 1, key));
            try (Stream<String> lines = events.body()) {
                assertThat(lines.filter(line -> line.startsWith("data"))).isEmpty();
            }
            // It looks by itself once a minute.
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(LOOKS);
        }
    }

    private static void reach(EdgeNode edge, Clinic.Device... devices) {
        for (Clinic.Device device : devices) {
            device.link.endpoints(List.of(edge.address()));
            device.link.wake();
        }
    }

    private static String reason(LinkStatus status) {
        return status instanceof LinkStatus.Disconnected down ? down.reason() : "";
    }

    private static String list(Clinic clinic, long serial, Bytes key) {
        Revocation word =
                new Revocation(key, "somebody", Clinic.CLOCK.instant(), Optional.of("stolen"));
        RevocationList list = new RevocationList(serial, Map.of(key, word));
        return SignedRevocations.sign(list, clinic.authority.grantKey()::sign).text();
    }

    private static int put(Clinic clinic, URI node, String text) throws Exception {
        try (HttpClient client = clinic.http()) {
            return Clinic.send(
                            client,
                            HttpRequest.newBuilder(node.resolve("/v1/revocations"))
                                    .PUT(HttpRequest.BodyPublishers.ofString(text)))
                    .statusCode();
        }
    }

    /** What the HTTP API says to somebody who shows a new grant for the key. */
    private static String ask(Clinic clinic, URI node, Bytes key) throws Exception {
        String token =
                Clinic.token(Clinic.grant(clinic.authority.grantKey(), key, Grant.Role.DEVICE, 3));
        try (HttpClient client = clinic.http()) {
            HttpResponse<String> answer =
                    Clinic.send(
                            client,
                            HttpRequest.newBuilder(
                                            node.resolve(
                                                    "/v1/scopes/"
                                                            + SCOPE
                                                            + "/collections/patients/documents"))
                                    .header("Authorization", "Bearer " + token));
            assertThat(answer.statusCode()).isEqualTo(401);
            return answer.body();
        }
    }
}
