package dev.holdfast.cli.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.Ran;
import dev.holdfast.cli.output.Said;
import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.grants.GrantBook;
import dev.holdfast.node.grants.Revocations;
import dev.holdfast.node.grants.RevocationsEndpoint;
import dev.holdfast.node.http.HttpNode;
import dev.holdfast.node.http.HttpSettings;
import dev.holdfast.node.http.Router;
import dev.holdfast.node.tls.Tls;
import dev.holdfast.node.tls.TlsSettings;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GrantRevokeTest {
    @TempDir Path folder;

    private final String key = ReplicaKey.create(Entropy.system()).publicKey().hex();

    @BeforeEach
    void init() {
        assertThat(Ran.holdfast("keys", "init", keys()).code()).isZero();
    }

    @Test
    void a_revoked_key_is_listed_and_gets_no_grant_any_more() {
        assertThat(issue("amina.grant").code()).isZero();
        Ran revoked = revoke("--grant", file("amina.grant"), "--reason", "tablet stolen");
        assertThat(revoked.err()).isEmpty();
        assertThat(revoked.code()).isZero();
        assertThat(revoked.out())
                .contains("Revoked nurse-amina, key " + key, "serial 1 and 1 keys", "--node");
        Ran again = issue("again.grant");
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).contains("that key is revoked", "nurse-amina's", "try: ");
        assertThat(file("again.grant")).doesNotExist();
        Ran shown = holdfast("grant", "show", file("amina.grant"));
        assertThat(shown.code()).isEqualTo(1);
        assertThat(shown.out()).contains("is revoked since");
        Value listed = json("grant", "revoked");
        assertThat(Said.number(listed, "serial")).isEqualTo(1);
        Value row = Said.items(listed, "revoked").getFirst();
        assertThat(Said.text(row, "key")).isEqualTo(key);
        assertThat(Said.text(row, "subject")).isEqualTo("nurse-amina");
        assertThat(Said.text(row, "reason")).isEqualTo("tablet stolen");
        assertThat(holdfast("grant", "revoked").out()).contains("nurse-amina", "tablet stolen");
    }

    @Test
    void the_serial_counts_up_with_what_is_new_only() {
        assertThat(revoke("--key", key).out()).contains("serial 1 and 1 keys");
        assertThat(revoke("--key", key).out()).contains("serial 1 and 1 keys");
        String other = ReplicaKey.create(Entropy.system()).publicKey().hex();
        assertThat(revoke("--key", other, "--subject", "budi").out())
                .contains("Revoked budi", "serial 2 and 2 keys");
        assertThat(revoke("--drop-before", "2020-01-01").out()).contains("serial 2 and 2 keys");
        assertThat(revoke("--drop-before", "2100-01-01").out()).contains("serial 3 and 0 keys");
        assertThat(issue("amina.grant").code()).isZero();
    }

    @Test
    void what_makes_no_sense_is_refused_and_nothing_is_signed() throws IOException {
        assertThat(revoke().err()).contains("whose grants");
        assertThat(revoke("--key", "abcd").err()).contains("64 hexadecimal digits");
        assertThat(revoke("--key", key, "--reason", "two\nlines").err()).contains("one line");
        assertThat(revoke("--key", key, "--node", "http://localhost").err()).contains("https://");
        issue("amina.grant");
        Path other = folder.resolve("other");
        Ran.holdfast("keys", "init", other);
        Ran foreign =
                Ran.holdfast("grant", "revoke", "--keys", other, "--grant", file("amina.grant"));
        assertThat(foreign.err()).contains("is not this deployment's");
        assertThat(holdfast("grant", "revoked").out()).contains("Nothing is revoked.");

        revoke("--key", key);
        Path list = keys().resolve("revoked");
        Files.writeString(list, Files.readString(list).replace("unknown", "unknowm"));
        Ran damaged = issue("again.grant");
        assertThat(damaged.code()).isEqualTo(1);
        assertThat(damaged.err()).contains("cannot be known what is revoked", "put a copy");
    }

    @Test
    void a_node_gets_the_list_and_one_that_is_away_is_told_of() throws Exception {
        try (Node node = new Node("edge-1")) {
            Ran both =
                    revoke("--key", key, "--node", node.address(), "--node", "https://localhost:1");
            assertThat(both.code()).isEqualTo(1);
            assertThat(both.out()).contains(node.address() + "  has it", "does not have it");
            assertThat(node.revocations.list().revoked()).containsOnlyKeys(Bytes.fromHex(key));

            // A folder that was put back from before, and a newer list at the node.
            Files.delete(keys().resolve("revoked"));
            String other = ReplicaKey.create(Entropy.system()).publicKey().hex();
            Value told = json("grant", "revoke", "--key", other, "--node", node.address());
            assertThat(Said.number(told, "serial")).isEqualTo(2);
            assertThat(Said.flag(Said.items(told, "nodes").getFirst(), "stands")).isTrue();
            assertThat(node.revocations.list().revoked())
                    .containsOnlyKeys(Bytes.fromHex(key), Bytes.fromHex(other));
            assertThat(Said.items(json("grant", "revoked"), "revoked")).hasSize(2);

            Ran oncemore = revoke("--node", node.address());
            assertThat(oncemore.code()).isZero();
            assertThat(oncemore.out()).contains("serial 2 and 2 keys", "has it");
        }
    }

    /** A node that knows of revoking, and of nothing else. */
    private final class Node implements AutoCloseable {
        final Revocations revocations;
        private final Vertx vertx = HttpNode.vertx();
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final HttpNode http;

        Node(String name) throws Exception {
            assertThat(
                            holdfast("keys", "node", name, "--role", "edge", "--san", "localhost")
                                    .code())
                    .isZero();
            Set<Bytes> authorities =
                    Set.of(Bytes.fromHex(Files.readString(keys().resolve("grants.pub")).strip()));
            Verifier verifier = new Verifier();
            revocations = Revocations.open(folder.resolve("data"), authorities, verifier);
            Router router = new Router();
            new RevocationsEndpoint(
                            revocations,
                            new GrantBook(
                                    List.copyOf(authorities),
                                    verifier,
                                    Grant.Role.EDGE,
                                    revocations),
                            InstantSource.system())
                    .register(router);
            http =
                    HttpNode.start(
                            vertx,
                            HttpSettings.at("127.0.0.1", 0),
                            Tls.load(TlsSettings.in(keys().resolve("nodes").resolve(name))),
                            router,
                            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
                            Entropy.system(),
                            threads);
        }

        String address() {
            return "https://localhost:" + http.port();
        }

        @Override
        public void close() {
            http.close();
            threads.shutdown();
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private Path keys() {
        return folder.resolve("keys");
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    private Ran issue(String name) {
        return holdfast(
                "grant",
                "issue",
                "--key",
                key,
                "--subject",
                "nurse-amina",
                "--scope",
                "clinic-7:read",
                "--out",
                file(name));
    }

    private Ran revoke(Object... words) {
        List<Object> all = new ArrayList<>(List.of("grant", "revoke"));
        all.addAll(List.of(words));
        return holdfast(all);
    }

    private Value json(Object... words) {
        List<Object> all = new ArrayList<>(List.of(words));
        all.add("--json");
        return Json.parse(holdfast(all).out());
    }

    private Ran holdfast(Object... words) {
        return holdfast(List.of(words));
    }

    private Ran holdfast(List<?> words) {
        List<Object> all = new ArrayList<>(words);
        all.add("--keys");
        all.add(keys());
        return Ran.holdfast(all);
    }
}
