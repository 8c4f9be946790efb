package dev.holdfast.edge;

import static dev.holdfast.edge.Clinic.SCOPE;
import static dev.holdfast.edge.Clinic.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Change;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.keys.KeysException;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.node.settings.ByteSize;
import dev.holdfast.node.settings.SettingsFile;
import dev.holdfast.store.ReplicaStore;
import dev.holdfast.store.StoreException;
import dev.holdfast.store.StoreSettings;
import dev.holdfast.store.link.LinkStatus;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EdgeNodeTest {
    @TempDir Path folder;

    @Test
    void two_devices_at_one_edge_see_each_others_writes_without_a_region() throws Exception {
        Clinic clinic = new Clinic(folder);
        try (EdgeNode edge = clinic.start();
                Clinic.Device amina = clinic.device("amina", edge.address());
                Clinic.Device budi = clinic.device("budi", edge.address())) {
            amina.put("p1", "name", Value.of("Siti"));
            budi.change("p1", new Change.Increment("visits", 2));
            await("amina's write at the edge", () -> amina.durability("p1") == Durability.EDGE);
            await("amina's write at budi's", () -> budi.shown("p1").fields().size() == 2);
            amina.change("p1", new Change.Increment("visits", 1));
            await(
                    "three visits at budi's",
                    () -> Value.of(3).equals(budi.shown("p1").fields().get("visits")));
            assertThat(amina.shown("p1")).isEqualTo(budi.shown("p1"));
            assertThat(edge.region()).isInstanceOf(LinkStatus.Disconnected.class);
        }
    }

    @Test
    void what_was_acknowledged_is_there_after_a_restart_and_still_answered_for() throws Exception {
        Clinic clinic = new Clinic(folder);
        EdgeNode first = clinic.start();
        try (Clinic.Device amina = clinic.device("amina", first.address())) {
            for (int i = 0; i < 50; i++) amina.put("p" + i, "name", Value.of("n" + i));
            await("all at the edge", () -> amina.durability("p49") == Durability.EDGE);
            await("all at the edge", () -> amina.durability("p0") == Durability.EDGE);
        } finally {
            first.close();
        }
        try (EdgeNode second = clinic.start();
                Clinic.Device budi = clinic.device("budi", second.address())) {
            assertThat(second.replica()).isEqualTo(first.replica());
            assertThat(second.backlogOperations()).isEqualTo(50);
            await("all at budi's", () -> budi.shown("p49").fields().size() == 1);
            assertThat(budi.shown("p7").fields()).containsEntry("name", Value.of("n7"));
        }
    }

    @Test
    void a_full_store_refuses_what_is_new_and_takes_it_once_there_is_room() throws Exception {
        Clinic clinic = new Clinic(folder);
        EdgeNode small = EdgeMain.start(clinic.settings().withMaxStore(ByteSize.ofMiB(1)));
        Value.Text long_ = new Value.Text("x".repeat(100_000));
        int total = 20;
        try (Clinic.Device amina = clinic.device("amina", small.address())) {
            int[] written = {0};
            for (; written[0] < total && !isFull(clinic, small); written[0]++) {
                String id = "p" + written[0];
                amina.put(id, "note", long_);
                await(
                        "an answer",
                        () -> amina.durability(id) == Durability.EDGE || isFull(clinic, small));
            }
            assertThat(written[0]).isLessThan(total);
            for (; written[0] < total; written[0]++) amina.put("p" + written[0], "note", long_);
            await("the refusal", () -> paused(clinic, small) > 0);
            assertThat(amina.durability("p" + (total - 1))).isEqualTo(Durability.DEVICE);
            assertThat(amina.durability("p0")).isEqualTo(Durability.EDGE);
            small.close();
            try (EdgeNode large = clinic.start()) {
                amina.link.endpoints(java.util.List.of(large.address()));
                amina.link.wake();
                for (int i = 0; i < total; i++) {
                    String id = "p" + i;
                    await(id, () -> amina.durability(id) == Durability.EDGE);
                }
                await("all of it answered for", () -> large.backlogOperations() == total);
            }
        } finally {
            small.close();
        }
    }

    private static boolean isFull(Clinic clinic, EdgeNode edge) {
        return get(clinic, edge, "/readyz").contains("max-store");
    }

    private static double paused(Clinic clinic, EdgeNode edge) {
        return figure(get(clinic, edge, "/metrics"), "holdfast_sync_paused_total");
    }

    static double figure(String metrics, String name) {
        return metrics.lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    static String get(Clinic clinic, EdgeNode edge, String path) {
        try {
            URI uri = edge.address().resolve(path);
            return Clinic.send(clinic.http(), HttpRequest.newBuilder(uri)).body();
        } catch (Exception e) {
            throw new AssertionError(path, e);
        }
    }

    @Test
    void a_grant_that_is_forged_foreign_or_over_opens_nothing() throws Exception {
        Clinic clinic = new Clinic(folder);
        try (EdgeNode edge = clinic.start()) {
            ReplicaKey stranger = ReplicaKey.create(Clinic.ENTROPY);
            assertRefused(clinic, edge, "foreign", stranger, 30, "authority");
            assertRefused(clinic, edge, "over", clinic.authority.grantKey(), -1, "not valid now");
        }
    }

    private static void assertRefused(
            Clinic clinic, EdgeNode edge, String name, ReplicaKey by, int days, String reason) {
        ReplicaStore store =
                ReplicaStore.open(
                        StoreSettings.device(clinic.folder.resolve(name), Schema.EMPTY),
                        Clinic.ENTROPY);
        SignedGrant grant = Clinic.grant(by, store.key().publicKey(), Grant.Role.DEVICE, days);
        try (Clinic.Device device = clinic.new Device(store, grant, edge.address())) {
            device.put("p1", "name", Value.of("x"));
            await(
                    reason,
                    () ->
                            device.link.status() instanceof LinkStatus.Disconnected down
                                    && down.reason().contains(reason));
            assertThat(device.durability("p1")).isEqualTo(Durability.DEVICE);
        }
        assertThat(edge.backlogOperations()).isZero();
    }

    @Test
    void it_tells_whether_it_is_ready_and_what_waits() throws Exception {
        Clinic clinic = new Clinic(folder);
        try (EdgeNode edge = clinic.start();
                Clinic.Device amina = clinic.device("amina", edge.address())) {
            amina.put("p1", "name", Value.of("Siti"));
            await("the edge", () -> amina.durability("p1") == Durability.EDGE);
            assertThat(get(clinic, edge, "/readyz"))
                    .contains("\"ready\":true")
                    .contains("down since");
            await(
                    "its lag, which grows while there is no region",
                    () -> get(clinic, edge, "/readyz").matches(".*\"lag-seconds\":[1-9].*"));
            await("a reading", () -> get(clinic, edge, "/readyz").contains("1 operations"));
            String metrics = get(clinic, edge, "/metrics");
            assertThat(figure(metrics, "holdfast_edge_outbox_operations")).isEqualTo(1);
            assertThat(figure(metrics, "holdfast_edge_feed{scope=\"" + SCOPE)).isEqualTo(1);
            assertThat(figure(metrics, "holdfast_sync_sessions")).isEqualTo(1);
            assertThat(figure(metrics, "holdfast_edge_store_bytes")).isPositive();
        }
    }

    @Test
    void the_scopes_that_devices_asked_for_are_remembered() throws Exception {
        Clinic clinic = new Clinic(folder);
        try (EdgeNode edge = clinic.start();
                Clinic.Device amina = clinic.device("amina", edge.address())) {
            assertThat(amina.link.status()).isNotNull();
            await("the session", () -> amina.link.status() instanceof LinkStatus.Connected);
            await("the scope", () -> edge.joinedScopes().contains(SCOPE));
        }
        try (ReplicaStore store =
                ReplicaStore.open(StoreSettings.edge(clinic.settings().data()), Clinic.ENTROPY)) {
            assertThat(new JoinedScopes(store).all()).containsExactly(SCOPE);
        }
    }

    @Test
    void an_edge_with_the_wrong_grant_does_not_start_and_says_why() throws Exception {
        Clinic clinic = new Clinic(folder);
        ReplicaKey other = ReplicaKey.create(Clinic.ENTROPY);
        SignedGrant wrong = clinic.nodeGrant(other, "edge-1");
        Clinic.write(clinic.node.resolve("grant"), Clinic.token(wrong));
        assertThatThrownBy(clinic::start)
                .isInstanceOf(KeysException.class)
                .hasMessageContaining("for another key");
        // It let go of everything: the same folder opens at once.
        ReplicaStore.open(StoreSettings.edge(clinic.settings().data()), Clinic.ENTROPY).close();
    }

    @Test
    void a_second_edge_on_the_same_folder_says_so_and_stops() throws Exception {
        Clinic clinic = new Clinic(folder);
        try (EdgeNode edge = clinic.start()) {
            assertThat(edge.address()).hasScheme("https");
            assertThatThrownBy(clinic::start)
                    .isInstanceOfSatisfying(
                            StoreException.class,
                            e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.LOCKED));
        }
    }

    @Test
    void its_settings_are_read_from_yaml() {
        EdgeSettings settings =
                SettingsFile.parse(
                        """
                        data: /var/lib/holdfast
                        http: {host: 0.0.0.0, port: 8443}
                        tls: {certificate: node.pem, key: node.key, authority: ca.pem}
                        authorities: [grants.pub]
                        grant: grant
                        regions: [https://singapore.example:8443]
                        scopes: [clinic-7]
                        retain-until: global
                        max-store: 2GiB
                        """,
                        "edge.yaml",
                        EdgeSettings.class);
        assertThat(settings.serves("clinic-7")).isTrue();
        assertThat(settings.serves("clinic-8")).isFalse();
        assertThat(settings.retainUntil()).isEqualTo(Durability.GLOBAL);
        assertThat(settings.sync().sessionsPerClient()).isEqualTo(8);
    }
}
