package dev.holdfast.node.sync;

import static dev.holdfast.node.sync.Fixture.SCOPE;
import static dev.holdfast.node.sync.Fixture.batches;
import static dev.holdfast.node.sync.Fixture.push;
import static dev.holdfast.node.sync.Fixture.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.sync.Message;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Verifier;
import dev.holdfast.keys.wire.Frames;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionDriverTest {
    @TempDir static Path folder;
    private static Fixture node;

    @BeforeAll
    static void start() throws Exception {
        node = new Fixture(folder, new SyncSettings(3, Duration.ofSeconds(2), true));
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    @Test
    void a_push_is_acknowledged_by_a_receipt_over_its_bytes() throws Exception {
        Fixture.Device device = node.device();
        Batch batch = batches(device.key(), 1, 3).getFirst();
        try (TestClient client = TestClient.greeted(node, device)) {
            client.send(subscribe(SCOPE), push(batch));
            Receipt.Signed signed = client.expect(Message.Ack.class).receipt();
            assertThat(signed.receipt().spans()).containsExactly(Span.of(batch));
            assertThat(signed.receipt().level()).isEqualTo(Durability.EDGE);
            var check = signed.check(node.backend.server().grant().publicKey());
            assertThat(new Verifier().verify(check.publicKey(), check.text(), check.signature()))
                    .isTrue();
        }
    }

    @Test
    void what_one_client_pushes_comes_to_another_live_and_not_back() throws Exception {
        Fixture.Device one = node.device();
        Fixture.Device two = node.device();
        try (TestClient reader = TestClient.greeted(node, two);
                TestClient writer = TestClient.greeted(node, one)) {
            reader.send(subscribe(SCOPE));
            writer.send(subscribe(SCOPE));
            reader.expect(Message.Opened.class);
            writer.expect(Message.Opened.class);
            List<Batch> all = batches(one.key(), 20, 1);
            for (Batch batch : all) writer.send(push(batch));
            List<Batch> came = new ArrayList<>();
            while (!came.containsAll(all)) {
                Message.Changes changes = reader.expect(Message.Changes.class);
                came.addAll(changes.batches());
                reader.send(new Message.Took(SCOPE, changes.cursor().head().number()));
            }
            assertThat(came).filteredOn(b -> b.author().equals(one.key().replica())).hasSize(20);
            for (int acked = 0; acked < 20; ) {
                Object next = writer.next();
                if (next instanceof Message.Ack(Receipt.Signed receipt))
                    acked += (int) spanned(receipt);
                if (next instanceof Message.Changes changes)
                    assertThat(changes.batches()).doesNotContainAnyElementsOf(all);
            }
        }
    }

    private static long spanned(Receipt.Signed receipt) {
        return receipt.receipt().spans().stream().mapToLong(s -> s.to() - s.from() + 1).sum();
    }

    @Test
    void what_is_no_message_ends_the_session_with_a_reason() throws Exception {
        byte[] bomb = new byte[5 << 20];
        List<Bytes> wrong =
                List.of(
                        Bytes.EMPTY,
                        Bytes.wrap(new byte[] {0}),
                        Bytes.wrap(new byte[] {9, 1, 2}),
                        Bytes.wrap(new byte[] {1, 1, 2, 3}),
                        Bytes.wrap(new byte[] {0, (byte) 0x9f, 1}),
                        Bytes.wrap(new byte[] {1}).concat(Frames.compress(Bytes.wrap(bomb))));
        for (Bytes frame : wrong) {
            try (TestClient client = new TestClient(node)) {
                client.expect(Message.Challenge.class);
                client.raw(frame);
                assertThat(client.expectBye()).isEqualTo(Message.Bye.Code.MALFORMED);
                client.expectClosed();
            }
        }
        try (TestClient client = new TestClient(node)) {
            client.text("hello");
            assertThat(client.expectBye()).isEqualTo(Message.Bye.Code.MALFORMED);
        }
    }

    @Test
    void a_frame_longer_than_any_message_is_cut_off() throws Exception {
        try (TestClient client = new TestClient(node)) {
            client.expect(Message.Challenge.class);
            try {
                client.raw(Bytes.wrap(new byte[Frames.MAX_BYTES + 1]));
            } catch (java.util.concurrent.ExecutionException e) {
                // The node may be gone before all of it was sent.
            }
            assertThat(client.expectClosed().code()).isIn(1009, 1006);
        }
    }

    @Test
    void a_batch_is_refused_by_itself() throws Exception {
        Fixture.Device device = node.device();
        List<Batch> two = batches(device.key(), 2, 1);
        Batch good = two.get(0);
        Batch forged = signed(two.get(1), Entropy.system().bytes(64));
        Batch shortened = signed(two.get(1), two.get(1).signature().slice(0, 63));
        Batch foreign = batches(ReplicaKey.create(Entropy.system()), 1, 1).getFirst();
        try (TestClient client = TestClient.greeted(node, device)) {
            client.send(subscribe(SCOPE), push(forged, good));
            assertThat(rejected(client, forged)).isEqualTo(Rejection.Code.BAD_SIGNATURE);
            assertThat(client.expect(Message.Ack.class).receipt().receipt().spans())
                    .containsExactly(Span.of(good));
            client.send(push(shortened));
            assertThat(rejected(client, shortened)).isEqualTo(Rejection.Code.BAD_SIGNATURE);
            client.send(push(foreign));
            assertThat(rejected(client, foreign)).isEqualTo(Rejection.Code.NO_GRANT);
        }
        assertThat(node.figure("holdfast.sync.refused", "code", "bad-signature"))
                .isGreaterThanOrEqualTo(2);
    }

    private static Batch signed(Batch batch, Bytes signature) {
        return new Batch(batch.body(), batch.bytes(), batch.hash(), signature);
    }

    private static Rejection.Code rejected(TestClient client, Batch batch) throws Exception {
        Rejection rejection = client.expect(Message.Reject.class).rejection();
        assertThat(rejection.span()).isEqualTo(Span.of(batch));
        return rejection.code();
    }

    @Test
    void only_a_grant_of_this_deployment_that_counts_now_opens_a_session() throws Exception {
        ReplicaKey key = ReplicaKey.create(Entropy.system());
        ReplicaKey stranger = ReplicaKey.create(Entropy.system());
        List<SignedGrant> wrong =
                List.of(
                        Fixture.grant(stranger, key, Grant.Role.DEVICE, 1),
                        Fixture.grant(node.grants, key, Grant.Role.DEVICE, -1),
                        Fixture.grant(node.grants, stranger, Grant.Role.DEVICE, 1));
        for (SignedGrant grant : wrong) {
            try (TestClient client = new TestClient(node)) {
                client.hello(key, grant);
                assertThat(client.expectBye()).isEqualTo(Message.Bye.Code.UNAUTHORIZED);
            }
        }
    }

    @Test
    void a_node_must_also_present_a_certificate() throws Exception {
        ReplicaKey key = ReplicaKey.create(Entropy.system());
        SignedGrant grant = Fixture.grant(node.grants, key, "edge-1", Grant.Role.EDGE, 1);
        try (TestClient client = new TestClient(node)) {
            client.hello(key, grant);
            assertThat(client.expectBye()).isEqualTo(Message.Bye.Code.UNAUTHORIZED);
        }
        try (TestClient client = new TestClient(node, node.node.clientContext())) {
            client.hello(key, grant);
            client.expect(Message.Welcome.class);
        }
    }

    @Test
    void a_grant_of_one_node_does_not_open_a_session_under_the_certificate_of_another()
            throws Exception {
        ReplicaKey key = ReplicaKey.create(Entropy.system());
        SignedGrant grant = Fixture.grant(node.grants, key, "edge-2", Grant.Role.EDGE, 1);
        try (TestClient client = new TestClient(node, node.node.clientContext())) {
            client.hello(key, grant);
            assertThat(client.next())
                    .isEqualTo(
                            new Message.Bye(
                                    Message.Bye.Code.UNAUTHORIZED,
                                    "the certificate is edge-1's, but the grant is edge-2's"));
        }
    }

    @Test
    void a_scope_that_is_not_granted_or_not_served_is_forbidden() throws Exception {
        for (String scope : List.of("clinic-8", "elsewhere")) {
            try (TestClient client = TestClient.greeted(node, node.device())) {
                client.send(subscribe(scope));
                assertThat(client.expectBye()).isEqualTo(Message.Bye.Code.FORBIDDEN);
            }
        }
    }

    @Test
    void who_does_not_say_hello_has_to_go_and_may_come_again() throws Exception {
        try (TestClient client = new TestClient(node)) {
            client.expect(Message.Challenge.class);
            assertThat(client.expectBye()).isEqualTo(Message.Bye.Code.CLOSING);
        }
    }

    @Test
    void a_client_that_opens_many_sessions_keeps_the_newest() throws Exception {
        Fixture.Device device = node.device();
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) clients.add(TestClient.greeted(node, device));
        assertThat(clients.getFirst().expectBye()).isEqualTo(Message.Bye.Code.CLOSING);
        clients.getLast().send(subscribe(SCOPE));
        clients.getLast().expect(Message.Opened.class);
        clients.forEach(TestClient::close);
    }

    @Test
    void a_node_without_room_acknowledges_nothing_and_says_when_to_come_back() throws Exception {
        Fixture.Device device = node.device();
        Batch batch = batches(device.key(), 1, 1).getFirst();
        try (TestClient client = TestClient.greeted(node, device)) {
            client.send(subscribe(SCOPE));
            client.expect(Message.Opened.class);
            node.backend.pauseMillis = 1234;
            client.send(push(batch));
            assertThat(client.expect(Message.Pace.class).pauseMillis()).isEqualTo(1234);
            node.backend.pauseMillis = 0;
            client.send(push(batch));
            assertThat(client.expect(Message.Ack.class).receipt().receipt().spans())
                    .containsExactly(Span.of(batch));
        } finally {
            node.backend.pauseMillis = 0;
        }
    }

    @Test
    void nothing_longer_than_a_hello_is_read_before_one() throws Exception {
        try (TestClient client = new TestClient(node)) {
            client.expect(Message.Challenge.class);
            // No message at all, but that is not looked at.
            client.raw(Frames.frame(Bytes.wrap(new byte[Limits.HELLO_BYTES + 1])));
            assertThat(client.expectBye()).isEqualTo(Message.Bye.Code.UNEXPECTED);
        }
    }

    @Test
    void a_node_that_fails_says_so_and_lets_go() throws Exception {
        Fixture.Device device = node.device();
        try (TestClient client = TestClient.greeted(node, device)) {
            node.backend.broken = true;
            client.send(subscribe(SCOPE), push(batches(device.key(), 1, 1).getFirst()));
            assertThat(client.expectBye()).isEqualTo(Message.Bye.Code.FAILED);
        } finally {
            node.backend.broken = false;
        }
    }

    @Test
    void pushes_of_one_session_wait_for_their_flush_together_and_no_more_than_eight()
            throws Exception {
        Fixture.Device device = node.device();
        List<Batch> all = batches(device.key(), 12, 1);
        int before = node.backend.keeps.get();
        int permits = node.backend.flushes.drainPermits();
        try (TestClient client = TestClient.greeted(node, device)) {
            client.send(subscribe(SCOPE));
            for (Batch batch : all) client.send(push(batch));
            Fixture.await("eight wait", () -> node.backend.flushes.getQueueLength() == 8);
            assertThat(node.backend.keeps.get()).isEqualTo(before);
            node.backend.flushes.release(permits);
            long acked = 0;
            while (acked < 12) acked += spanned(client.expect(Message.Ack.class).receipt());
        }
    }

    @Test
    void a_flood_of_forged_pushes_is_refused_one_by_one_and_leaves_nothing_behind()
            throws Exception {
        int clients = 3;
        int pushes = 20;
        double before = node.figure("holdfast.sync.refused", "code", "bad-signature");
        List<TestClient> flooders = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            Fixture.Device device = node.device();
            TestClient client = TestClient.greeted(node, device);
            flooders.add(client);
            client.send(subscribe(SCOPE));
            Batch large = Fixture.largeBatch(device.key(), new Random(i));
            Batch forged = signed(large, Bytes.wrap(new byte[64]));
            for (int p = 0; p < pushes; p++) client.send(push(forged));
        }
        for (TestClient client : flooders) {
            for (int p = 0; p < pushes; p++) client.expect(Message.Reject.class);
            client.close();
        }
        assertThat(node.figure("holdfast.sync.refused", "code", "bad-signature") - before)
                .isEqualTo(clients * pushes);
        Fixture.await("no push is held", () -> node.figure("holdfast.sync.push.bytes") == 0);
        assertThat(node.backend.operations(SCOPE))
                .as("only what others of these tests wrote, in small")
                .isLessThan(1_000);
    }

    @Test
    void a_cut_after_any_message_loses_nothing_that_was_acknowledged() throws Exception {
        long seed = 20_261_124;
        Random random = new Random(seed);
        for (int round = 0; round < 30; round++) {
            Fixture.Device device = node.device();
            List<Batch> all = batches(device.key(), 6, 2);
            List<Span> acked = new ArrayList<>();
            int cutAfter = random.nextInt(10);
            try (TestClient client = new TestClient(node)) {
                List<Message> says = new ArrayList<>();
                says.add(
                        TestClient.hello(
                                device.key(),
                                device.grant(),
                                client.expect(Message.Challenge.class)));
                says.add(subscribe(SCOPE));
                for (Batch batch : all) says.add(push(batch));
                for (int i = 0; i < Math.min(cutAfter, says.size()); i++) client.send(says.get(i));
                int listen = random.nextInt(4);
                for (int i = 0; i < listen && cutAfter > 2; i++) {
                    if (client.next() instanceof Message.Ack(Receipt.Signed receipt))
                        acked.addAll(receipt.receipt().spans());
                }
                client.cut();
            }
            for (Span span : acked)
                assertThat(node.backend.has(SCOPE, span))
                        .as("seed %s round %s", seed, round)
                        .isTrue();
        }
        Fixture.await("no session is left", () -> node.figure("holdfast.sync.sessions") == 0);
    }
}
