package dev.holdfast.store.link;

import static dev.holdfast.store.link.TestReplica.SCOPE;
import static dev.holdfast.store.link.TestReplica.patient;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.schema.View;
import dev.holdfast.keys.ReplicaKey;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LinkTest {
    private static final Instant NOW = Instant.ofEpochMilli(1_790_000_000_000L);

    @TempDir Path folder;

    private final ReplicaKey authority = ReplicaKey.create(TestReplica.entropy(1));
    private final InstantSource clock = InstantSource.fixed(NOW);
    private final TestServer edge;

    LinkTest() throws IOException {
        edge = TestServer.edge(authority, clock, TestReplica.entropy(2));
    }

    @AfterEach
    void stop() {
        edge.close();
    }

    @Test
    void a_write_is_acknowledged_by_the_node_above_and_seen_by_who_is_linked_to_it() {
        try (TestReplica amina = replica("amina").linked(edge.endpoint());
                TestReplica budi = replica("budi").linked(edge.endpoint())) {
            LinkStatus.Connected status = amina.awaitConnected();
            assertThat(status.node()).isEqualTo(edge.node());
            assertThat(status.level()).isEqualTo(Durability.EDGE);
            assertThat(status.socket()).isTrue();
            amina.put("x", "name", Value.of("Xenia"));
            budi.awaitShown("x", "name", Value.of("Xenia"));
            amina.awaitDurability("x", Durability.EDGE);
            budi.visit("x");
            amina.awaitShown("x", "visits", Value.of(1));
            assertThat(edge.rounds()).isZero();
        }
    }

    @Test
    void what_was_written_before_there_was_a_link_goes_up_and_nothing_is_given_up_before_APPLIED() {
        try (TestReplica amina = replica("amina")) {
            for (int i = 0; i < 500; i++) amina.visit("x");
            amina.linked(edge.endpoint());
            amina.awaitDurability("x", Durability.EDGE);
            assertThat(visitsAtEdge("x")).isEqualTo(500);
            edge.mark(SCOPE, amina.store.key().replica(), Durability.REGION);
            Durability pending = amina.durability("x").orElseThrow();
            // An edge is not believed to be a region.
            assertThat(pending).isEqualTo(Durability.EDGE);
        }
    }

    @Test
    void a_regions_word_frees_the_outbox() throws Exception {
        try (TestServer region = TestServer.region(authority, clock, TestReplica.entropy(3));
                TestReplica amina = replica("amina").linked(region.endpoint())) {
            amina.visit("x");
            amina.awaitDurability("x", Durability.REGION);
            assertThat(amina.durability("x")).contains(Durability.REGION);
            region.mark(SCOPE, amina.store.key().replica(), Durability.APPLIED);
            Await.until(() -> amina.durability("x").isEmpty(), () -> "still answered for");
            assertThat(amina.believed).isNotEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void who_reads_hears_what_a_region_said_of_it(boolean byRounds) throws Exception {
        try (TestServer region = TestServer.region(authority, clock, TestReplica.entropy(3));
                TestReplica amina = replica("amina").linked(region.endpoint())) {
            amina.visit("x");
            amina.awaitDurability("x", Durability.REGION);
            region.refuseSockets(byRounds);
            long started = System.nanoTime();
            // It asks after a second, and here a session by rounds lasts for half of one.
            InstantSource going = () -> NOW.plusNanos(5 * (System.nanoTime() - started));
            try (TestReplica budi = replica("budi", going).linked(region.endpoint())) {
                budi.awaitShown("x", "visits", Value.of(1));
                region.mark(SCOPE, amina.store.key().replica(), Durability.APPLIED);
                Await.until(
                        () -> budi.reached("x") == Durability.APPLIED,
                        () -> "known to be at " + budi.reached("x"));
            }
        }
    }

    @Test
    void where_sockets_are_refused_rounds_of_posts_do_it_and_sockets_are_tried_again() {
        edge.refuseSockets(true);
        try (TestReplica amina = replica("amina").linked(edge.endpoint());
                TestReplica budi = replica("budi").linked(edge.endpoint())) {
            assertThat(amina.awaitConnected().socket()).isFalse();
            for (int i = 0; i < 50; i++) amina.visit("x");
            budi.awaitShown("x", "visits", Value.of(50));
            amina.awaitDurability("x", Durability.EDGE);
            budi.put("x", "name", Value.of("Xenia"));
            amina.awaitShown("x", "name", Value.of("Xenia"));
            edge.refuseSockets(false);
            Await.until(() -> amina.awaitConnected().socket(), () -> "still by rounds");
            amina.visit("x");
            budi.awaitShown("x", "visits", Value.of(51));
        }
        assertThat(edge.rounds()).isPositive();
    }

    @Test
    void sockets_that_die_young_again_and_again_give_way_to_rounds() {
        try (TestReplica amina = replica("amina")) {
            edge.cutEachAfter(4);
            amina.linked(edge.endpoint());
            Await.until(
                    () -> edge.rounds() > 0,
                    () -> "no round after " + edge.sessions() + " sockets");
            amina.visit("x");
            amina.awaitDurability("x", Durability.EDGE);
        }
    }

    @Test
    void whatever_frame_a_socket_is_cut_after_every_write_arrives_once() {
        long seed = 41;
        Random random = new Random(seed);
        try (TestReplica amina = replica("amina").linked(edge.endpoint());
                TestReplica budi = replica("budi").linked(edge.endpoint())) {
            int each = 0;
            for (int cuts = 0; cuts < 10; cuts++) {
                edge.cutAfter(1 + random.nextInt(12));
                do {
                    amina.visit("x");
                    budi.visit("x");
                    each++;
                } while (!edge.isCutWithin(Duration.ofMillis(20)));
                edge.cutAfter(Integer.MAX_VALUE);
                if (random.nextBoolean()) budi.awaitShown("x", "visits", Value.of(2L * each));
            }
            Value all = Value.of(2L * each);
            amina.awaitShown("x", "visits", all);
            budi.awaitShown("x", "visits", all);
            amina.awaitDurability("x", Durability.EDGE);
            assertThat(visitsAtEdge("x")).as("seed " + seed).isEqualTo(2L * each);
        }
    }

    @Test
    void of_several_endpoints_one_that_lives_is_found_and_remembered() throws Exception {
        URI dead;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            dead = URI.create("https://localhost:" + free.getLocalPort());
        }
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            URI deaf = URI.create("https://localhost:" + silent.getLocalPort());
            try (TestReplica amina = replica("amina").linked(dead, deaf, edge.endpoint())) {
                assertThat(amina.awaitConnected().endpoint()).isEqualTo(edge.endpoint());
                KnownAddresses known =
                        new KnownAddresses(
                                amina.store,
                                okhttp3.Dns.SYSTEM,
                                new java.util.concurrent.ForkJoinPool(1));
                assertThat(known.order(List.of(dead, deaf, edge.endpoint())))
                        .containsExactly(edge.endpoint(), dead, deaf);
            }
        }
    }

    @Test
    void a_host_whose_address_was_good_is_found_without_DNS() {
        URI named = URI.create("https://edge.test:" + edge.port());
        try (TestReplica amina = replica("amina")) {
            amina.linked(host -> List.of(InetAddress.getLoopbackAddress()), named);
            amina.awaitConnected();
            amina.unlink();
            amina.linked(TestReplica.noDns(), named);
            amina.awaitConnected();
            amina.unlink();
            // A resolver that lies is no way to shut it out either.
            amina.linked(host -> List.of(InetAddress.getByName("127.99.99.99")), named);
            amina.awaitConnected();
        }
    }

    @Test
    void an_endpoint_that_no_resolver_knows_is_found_by_the_deployments_name_servers()
            throws Exception {
        URI named = URI.create("https://edge.test:" + edge.port());
        try (DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                TestReplica amina = replica("amina")) {
            Thread.ofVirtual().start(() -> answerLoopback(server));
            amina.linked(
                    TestReplica.noDns(),
                    List.of(
                            new InetSocketAddress(
                                    InetAddress.getLoopbackAddress(), server.getLocalPort())),
                    named);
            amina.awaitConnected();
        }
    }

    /** Says of every name that it is this machine. */
    private static void answerLoopback(DatagramSocket server) {
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(new byte[512], 512);
                server.receive(packet);
                ByteBuffer answer = ByteBuffer.allocate(packet.getLength() + 16);
                answer.put(packet.getData(), 0, packet.getLength());
                answer.putShort(2, (short) 0x8400).putShort(6, (short) 1);
                answer.putShort((short) 0xc00c).putShort((short) 1).putShort((short) 1).putInt(5);
                answer.putShort((short) 4).put(new byte[] {127, 0, 0, 1});
                server.send(
                        new DatagramPacket(
                                answer.array(), answer.capacity(), packet.getSocketAddress()));
            }
        } catch (IOException e) {
            // Closed: the test is over.
        }
    }

    @Test
    void a_server_of_another_CA_is_not_spoken_to_and_one_of_another_authority_not_believed()
            throws Exception {
        ReplicaKey other = ReplicaKey.create(TestReplica.entropy(77));
        try (TestServer stranger = TestServer.edge(other, clock, TestReplica.entropy(5));
                TestReplica amina = replica("amina").linked(stranger.endpoint())) {
            amina.visit("x");
            amina.awaitReason("authority of this deployment");
            assertThat((long) stranger.read(t -> t.feedHead(SCOPE).number())).isZero();
        }
    }

    @Test
    void without_a_grant_it_waits_and_goes_on_once_there_is_one() {
        try (TestReplica amina =
                new TestReplica(folder.resolve("amina"), authority, clock, 10)
                        .linked(edge.endpoint())) {
            amina.visit("x");
            amina.awaitReason("no grant");
            amina.enrolled(authority).link().renew();
            amina.awaitDurability("x", Durability.EDGE);
        }
    }

    @Test
    void a_refused_batch_is_told_once_and_blocks_no_other() {
        try (TestReplica amina = new TestReplica(folder.resolve("amina"), authority, clock, 10)) {
            Grant some =
                    new Grant(
                            amina.store.key().publicKey(),
                            "amina",
                            Grant.Role.DEVICE,
                            List.of(new Grant.Right(SCOPE, true, List.of("visits"))),
                            0,
                            NOW.toEpochMilli() + 1_000_000,
                            0);
            SignedGrant grant = TestServer.grant(authority, some);
            amina.store.write(tables -> {
                tables.putGrant(grant);
                return true;
            });
            amina.linked(edge.endpoint());
            amina.visit("x");
            Await.until(() -> !amina.rejections.isEmpty(), () -> "nothing refused");
            assertThat(amina.rejections)
                    .extracting(Rejection::code)
                    .containsExactly(Rejection.Code.FORBIDDEN);
            assertThat(amina.durability("x")).isEmpty();
            edge.cutAll();
            Await.until(() -> edge.sessions() > 1, () -> "not connected again");
            amina.awaitConnected();
            assertThat(amina.rejections).hasSize(1);
        }
    }

    @Test
    void a_pause_is_kept_and_then_everything_is_sent_again() {
        int[] asked = {0};
        edge.keeping(keep -> {
            if (asked[0]++ > 0) return null;
            return new dev.holdfast.core.sync.Session.Event.Kept(
                    keep.id(), List.of(), List.of(), 50);
        });
        AtomicLong now = new AtomicLong(NOW.toEpochMilli());
        InstantSource ticking = () -> Instant.ofEpochMilli(now.addAndGet(60));
        try (TestReplica amina =
                new TestReplica(folder.resolve("amina"), authority, ticking, 10)
                        .enrolled(authority)
                        .linked(edge.endpoint())) {
            amina.visit("x");
            amina.awaitDurability("x", Durability.EDGE);
            assertThat(visitsAtEdge("x")).isEqualTo(1);
        }
    }

    @Test
    void a_clock_that_runs_ahead_is_told_and_what_it_stamped_is_healed() throws Exception {
        InstantSource ahead = InstantSource.fixed(NOW.plus(Duration.ofDays(1)));
        try (TestServer region = TestServer.region(authority, clock, TestReplica.entropy(3));
                TestReplica amina =
                        new TestReplica(folder.resolve("amina"), authority, ahead, 10)
                                .enrolled(authority)) {
            amina.put("x", "name", Value.of("early"));
            amina.linked(region.endpoint());
            amina.awaitDurability("x", Durability.REGION);
            assertThat(amina.link().clockAhead()).isEqualTo(Duration.ofDays(1));
            long millis =
                    region.read(tables ->
                            tables.feedAfter(SCOPE, 0, 1 << 20)
                                    .get(0)
                                    .batch()
                                    .body()
                                    .operations()
                                    .get(0)
                                    .hlc()
                                    .millis());
            assertThat(millis).isLessThan(NOW.plus(Duration.ofHours(1)).toEpochMilli());
        }
    }

    @Test
    void two_copies_of_one_store_both_keep_what_they_wrote() throws Exception {
        Path first = folder.resolve("amina");
        Path second = folder.resolve("copy");
        try (TestReplica amina = replica("amina").linked(edge.endpoint())) {
            amina.visit("x");
            amina.awaitDurability("x", Durability.EDGE);
        }
        copy(first, second);
        try (TestReplica amina =
                        new TestReplica(first, authority, clock, 21).linked(edge.endpoint());
                TestReplica copy =
                        new TestReplica(second, authority, () -> NOW.plusMillis(7), 22)
                                .linked(edge.endpoint())) {
            for (int i = 0; i < 5; i++) {
                amina.visit("x");
                copy.visits("x", 10);
            }
            amina.awaitShown("x", "visits", Value.of(56));
            copy.awaitShown("x", "visits", Value.of(56));
            assertThat(visitsAtEdge("x")).isEqualTo(56);
            assertThat(amina.store.key().replica()).isNotEqualTo(copy.store.key().replica());
        }
    }

    @Test
    void an_endpoint_must_be_https() {
        assertThatThrownBy(() ->
                        LinkSettings.device(
                                List.of(URI.create("http://edge:80")),
                                TestServer.trust(),
                                java.util.Set.of()))
                .hasMessageContaining("https://host:port");
    }

    private TestReplica replica(String name) {
        return replica(name, clock);
    }

    private TestReplica replica(String name, InstantSource by) {
        return new TestReplica(folder.resolve(name), authority, by, name.hashCode())
                .enrolled(authority);
    }

    private long visitsAtEdge(String id) {
        return edge.read(tables ->
                View.sum(
                        tables.document(SCOPE, patient(id)),
                        dev.holdfast.core.operation.Key.counter("visits")));
    }

    private static void copy(Path from, Path to) throws Exception {
        Files.createDirectories(to);
        try (var files = Files.list(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(
                        file,
                        to.resolve(from.relativize(file)),
                        java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }
}
