package dev.holdfast.node.backbone;

import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.node.http.HttpNode;
import dev.holdfast.node.http.HttpSettings;
import dev.holdfast.node.http.NodeEndpoints;
import dev.holdfast.node.http.Response;
import dev.holdfast.node.http.Router;
import dev.holdfast.node.tls.Authority;
import dev.holdfast.node.tls.Tls;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/** Real members on loopback, with real TLS, and links that can be cut. */
final class TestBackbone implements AutoCloseable {
    static final Duration PROBE = Duration.ofMillis(250);
    static final Duration PATIENCE = Duration.ofSeconds(30);

    final class Member implements AutoCloseable {
        final String name;
        final ReplicaKey key = ReplicaKey.create(Entropy.system());
        final Vertx vertx = Vertx.vertx();
        final PrometheusMeterRegistry meters =
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        final Backbone backbone;
        final HttpNode http;

        private Member(String name, ReplicaKey key, UnaryOperator<BackboneSettings> change)
                throws Exception {
            this.name = name;
            Tls tls =
                    new Tls(
                            authority.issue(
                                    name,
                                    List.of("localhost", "127.0.0.1", name),
                                    Duration.ofDays(9)),
                            trust);
            backbone =
                    Backbone.open(
                            change.apply(BackboneSettings.of(file)),
                            new Backbone.Surroundings(
                                    vertx,
                                    tls,
                                    key,
                                    Set.of(authority.grantKey().publicKey()),
                                    folder.resolve("data-" + name),
                                    meters,
                                    InstantSource.system(),
                                    Entropy.system(),
                                    threads));
            Router router = new Router();
            backbone.register(router);
            router.route("GET", "/who", _ -> Response.text(200, name));
            router.route(
                    "POST",
                    "/echo",
                    32 << 20,
                    request ->
                            new Response(
                                    200,
                                    Map.of(),
                                    new Response.Body.Whole(
                                            "application/octet-stream", request.body())));
            NodeEndpoints.register(
                    router,
                    new NodeEndpoints.State(List.of(), backbone.facts(), Optional::empty),
                    meters);
            http =
                    HttpNode.start(
                            vertx,
                            HttpSettings.at("127.0.0.1", 0),
                            tls,
                            router,
                            meters,
                            Entropy.system(),
                            threads);
            backbone.start(BackboneDriver.loopback(http.port()));
        }

        HttpClient client() {
            return HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .sslContext(trust.context())
                    .proxy(ProxySelector.of(backbone.door()))
                    .build();
        }

        /** What it says of itself, however often a busy machine lets a link seem dead meanwhile. */
        Optional<String> ask(String member) throws IOException, InterruptedException {
            AtomicReference<String> said = new AtomicReference<>("");
            await(
                    member + " answers " + name,
                    () -> {
                        HttpRequest request =
                                HttpRequest.newBuilder(uri(member, "/who"))
                                        .timeout(PATIENCE)
                                        .build();
                        try {
                            said.set(
                                    client().send(request, HttpResponse.BodyHandlers.ofString())
                                            .body());
                            return true;
                        } catch (IOException e) {
                            return false;
                        }
                    });
            return Optional.of(said.get());
        }

        String status() throws IOException, InterruptedException {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(
                                            URI.create(
                                                    "http://127.0.0.1:"
                                                            + backbone.door().getPort()
                                                            + "/"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }

        /** Waits until its way to {@code member} is this one. */
        void awaitRoute(String... route) throws IOException, InterruptedException {
            String wanted =
                    "\"member\":\""
                            + route[route.length - 1]
                            + "\",\"control\":[\""
                            + String.join("\",\"", route)
                            + "\"]";
            await(name + " goes " + List.of(route), () -> status().contains(wanted));
        }

        @Override
        public void close() {
            backbone.close();
            http.close();
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    static void await(String what, Condition condition) throws IOException, InterruptedException {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() > until) throw new AssertionError("not in time: " + what);
            Thread.sleep(20);
        }
    }

    final Path folder;
    final Path file;
    final Authority authority;
    final PinnedTrust trust;
    final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    final Map<String, Member> members = new TreeMap<>();
    final Map<String, ReplicaKey> keys = new TreeMap<>();
    final Map<String, TestLink> links = new TreeMap<>();
    long serial = 1;
    Duration probe = PROBE;

    TestBackbone(Path folder) {
        this.folder = folder;
        this.file = folder.resolve("topology.signed.yaml");
        authority = Authority.create(folder, "test", Entropy.system(), InstantSource.system());
        trust = PinnedTrust.load(folder.resolve(Authority.CA_CERTIFICATE));
    }

    /** A link that the second one is dialled over. */
    Topology.Link link(String dialler, String dialled) throws IOException {
        TestLink cable = new TestLink();
        links.put(dialler + "-" + dialled, cable);
        return new Topology.Link(
                List.of(dialler, dialled),
                Lane.BULK,
                Optional.empty(),
                Optional.empty(),
                Map.of(dialled, "127.0.0.1:" + cable.port()));
    }

    TestLink cable(String dialler, String dialled) {
        return Objects.requireNonNull(links.get(dialler + "-" + dialled));
    }

    /** Signs a topology of these members, which nobody reaches but over these links. */
    SignedTopology sign(List<String> names, List<Topology.Link> among) throws IOException {
        Map<String, Topology.Member> all = new TreeMap<>();
        for (String name : names) {
            ReplicaKey key = keys.computeIfAbsent(name, _ -> ReplicaKey.create(Entropy.system()));
            all.put(
                    name,
                    new Topology.Member(
                            Optional.empty(),
                            List.of(),
                            Optional.of(key.publicKey().hex()),
                            true,
                            Optional.empty()));
        }
        SignedTopology signed =
                SignedTopology.sign(
                        new Topology(serial++, probe, all, among), authority.grantKey()::sign);
        Files.writeString(file, signed.text());
        return signed;
    }

    Member start(String name) throws Exception {
        return start(name, settings -> settings);
    }

    Member start(String name, UnaryOperator<BackboneSettings> change) throws Exception {
        Member member = new Member(name, Objects.requireNonNull(keys.get(name)), change);
        members.put(name, member);
        links.forEach((ends, cable) -> {
            if (ends.endsWith("-" + name)) cable.leadTo(member.http.port());
        });
        return member;
    }

    /** All of them linked with all: a triangle, or more. */
    void mesh(String... names) throws Exception {
        List<Topology.Link> among = new ArrayList<>();
        for (int i = 0; i < names.length; i++) {
            for (int j = i + 1; j < names.length; j++) among.add(link(names[i], names[j]));
        }
        sign(List.of(names), among);
        for (String name : names) start(name);
    }

    Member member(String name) {
        return Objects.requireNonNull(members.get(name));
    }

    /** By the member's name: any port will do, since it has one only. */
    static URI uri(String member, String path) {
        // The name in its certificate is localhost; whom the door asks for is said by the port.
        return URI.create("https://" + member + ":443" + path);
    }

    @Override
    public void close() throws IOException {
        members.values().forEach(Member::close);
        for (TestLink link : links.values()) link.close();
        threads.shutdown();
    }
}
