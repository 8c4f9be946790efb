package dev.holdfast.cli.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.Ran;
import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeyFile;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.grants.Bearer;
import dev.holdfast.node.grants.GrantBook;
import dev.holdfast.node.grants.Revocations;
import dev.holdfast.node.tls.Identity;
import dev.holdfast.node.tls.Tls;
import dev.holdfast.node.tls.TlsSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeysAndGrantsTest {
    private static final long NOW = System.currentTimeMillis();

    @TempDir Path folder;

    private final Random random = new Random(7);
    private final Entropy entropy =
            count -> {
                byte[] drawn = new byte[count];
                random.nextBytes(drawn);
                return Bytes.wrap(drawn);
            };

    @Test
    void a_deployment_is_made_once_and_never_overwritten() throws IOException {
        assertThat(init().code()).isZero();
        byte[] key = Files.readAllBytes(keys().resolve("ca.key"));

        Ran again = init();
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).contains("already", "why: ", "try: holdfast keys show");
        assertThat(again.err().lines()).hasSize(3);
        assertThat(Files.readAllBytes(keys().resolve("ca.key"))).isEqualTo(key);
    }

    @Test
    void private_keys_are_their_owners_alone_and_are_not_printed() throws IOException {
        String printed = init().out() + node("edge-1").out() + show().out();
        try (Stream<Path> files = Files.walk(keys())) {
            List<Path> secrets = files.filter(file -> file.toString().endsWith(".key")).toList();
            assertThat(secrets).hasSize(4);
            for (Path secret : secrets) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
                        .as(secret.toString())
                        .isEqualTo("rw-------");
                for (String line : Files.readAllLines(secret)) {
                    if (!line.startsWith("-----")) assertThat(printed).doesNotContain(line);
                }
            }
        }
    }

    @Test
    void a_node_gets_all_that_it_needs_in_one_folder() {
        init();
        assertThat(node("edge-1").code()).isZero();
        Path own = keys().resolve("nodes/edge-1");

        Tls tls = Tls.load(TlsSettings.in(own));
        assertThat(tls.identity().name()).isEqualTo("edge-1");
        assertThat(PinnedTrust.load(own.resolve("ca.pem")).authorities()).hasSize(1);
        SignedGrant grant = GrantText.read(own.resolve("grant"));
        assertThat(grant.grant().role()).isEqualTo(Grant.Role.EDGE);
        assertThat(grant.replica())
                .isEqualTo(new KeyFile(own.resolve("replica.key")).load().replica());
        assertThat(book().judge(grant.encoded(), NOW)).isInstanceOf(GrantBook.Verdict.Valid.class);
    }

    @Test
    void a_nodes_keys_are_never_overwritten() {
        init();
        node("edge-1");
        Ran again = node("edge-1");
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).contains("never overwritten", "try: holdfast keys renew edge-1");
    }

    @Test
    void a_name_cannot_lead_out_of_the_folder() {
        init();
        Ran ran = node("../../etc");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("no name for a node");
        assertThat(keys().resolve("nodes")).doesNotExist();
    }

    @Test
    void renewal_keeps_the_replica_and_the_hosts_and_changes_the_certificate() throws Exception {
        init();
        node("edge-1");
        Path own = keys().resolve("nodes/edge-1");
        Identity old = Identity.load(own);
        SignedGrant oldGrant = GrantText.read(own.resolve("grant"));

        Ran ran = Ran.holdfast("keys", "renew", "edge-1", "--days", "500", "--keys", keys());
        assertThat(ran.code()).isZero();
        Identity renewed = Identity.load(own);
        assertThat(renewed.certificate().getPublicKey())
                .isNotEqualTo(old.certificate().getPublicKey());
        assertThat(renewed.certificate().getSubjectAlternativeNames())
                .containsExactlyInAnyOrderElementsOf(
                        old.certificate().getSubjectAlternativeNames());
        assertThat(renewed.expires()).isAfter(old.expires());
        assertThat(GrantText.read(own.resolve("grant")).replica()).isEqualTo(oldGrant.replica());
        assertThat(Identity.load(own.resolve("previous")).certificate())
                .isEqualTo(old.certificate());
    }

    @Test
    void a_renewal_that_was_cut_short_is_made_again() throws IOException {
        init();
        node("edge-1");
        Path own = keys().resolve("nodes/edge-1");
        Ran.holdfast("keys", "renew", "edge-1", "--keys", keys());
        // The new key was written, its certificate was not.
        Files.copy(
                own.resolve("previous/node.pem"),
                own.resolve("node.pem"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThat(Ran.holdfast("keys", "renew", "edge-1", "--keys", keys()).code()).isZero();
        assertThat(Identity.load(own).name()).isEqualTo("edge-1");
    }

    @Test
    void show_tells_people_and_machines_the_same() {
        init();
        node("edge-1");
        Ran people = show();
        assertThat(people.code()).isZero();
        assertThat(people.out()).contains("NODE", "edge-1", "CA", "Next: holdfast keys node");
        Ran machine = Ran.holdfast("keys", "show", "--json", "--keys", keys());
        assertThat(machine.out().lines()).hasSize(1);
        Value.Map told = (Value.Map) Json.parse(machine.out());
        assertThat(told.fields()).containsKeys("ca-sha256", "grants-public-key", "nodes");
        assertThat(people.out()).contains(textOf(told, "grants-public-key"));
    }

    @Test
    void without_a_deployment_every_command_says_how_to_make_one() {
        for (Ran ran : List.of(show(), node("edge-1"), grant(newKey(), "--scope", "a:read"))) {
            assertThat(ran.code()).isEqualTo(1);
            assertThat(ran.err()).contains("no deployment", "try: holdfast keys init " + keys());
        }
    }

    @Test
    void a_grant_is_believed_by_the_nodes_as_file_and_as_bearer() {
        init();
        ReplicaKey key = ReplicaKey.create(entropy);
        Path file = folder.resolve("amina.grant");
        Ran ran =
                grant(
                        key.publicKey().hex(),
                        "--scope",
                        "clinic-7:read,write=patients+vitals",
                        "--scope",
                        "library:read",
                        "--out",
                        file);
        assertThat(ran.code()).isZero();
        SignedGrant grant = GrantText.read(file);
        assertThat(grant.replica()).isEqualTo(key.replica());
        assertThat(grant.grant().mayWrite("clinic-7", "vitals")).isTrue();
        assertThat(grant.grant().mayWrite("clinic-7", "staff")).isFalse();
        assertThat(grant.grant().mayRead("library")).isTrue();

        String token = grant(key.publicKey().hex(), "--scope", "clinic-7:read").out().strip();
        assertThat(book().judge(Optional.of("Bearer " + token), NOW))
                .isInstanceOf(GrantBook.Verdict.Valid.class);
        assertThat(Bearer.parse("Bearer " + token)).isPresent();
    }

    @Test
    void an_operator_needs_no_key_and_everybody_else_does() {
        init();
        List<Object> issue = List.of("grant", "issue", "--keys", keys(), "--subject", "dalia");
        Ran ran = Ran.holdfast(with(issue, "--scope", "*:read", "--role", "operator"));
        assertThat(ran.code()).isZero();
        assertThat(book().judge(Optional.of("Bearer " + ran.out().strip()), NOW))
                .isInstanceOfSatisfying(
                        GrantBook.Verdict.Valid.class,
                        valid -> {
                            assertThat(valid.grant().grant().role()).isEqualTo(Grant.Role.OPERATOR);
                            assertThat(valid.grant().grant().mayRead(Grant.ANY)).isTrue();
                            assertThat(valid.grant().grant().mayWrite("clinic-7", "a")).isFalse();
                        });
        Ran keyless = Ran.holdfast(with(issue, "--scope", "clinic-7:read"));
        assertThat(keyless.code()).isEqualTo(1);
        assertThat(keyless.err()).contains("--key PUBLICKEY");
        assertThat(keyless.out()).isEmpty();
    }

    private static List<Object> with(List<Object> command, Object... more) {
        return Stream.concat(command.stream(), Stream.of(more)).toList();
    }

    @Test
    void a_grant_is_never_overwritten() throws IOException {
        init();
        Path file = Files.writeString(folder.resolve("mine"), "precious");
        Ran ran = grant(newKey(), "--scope", "a:read", "--out", file);
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("already");
        assertThat(file).hasContent("precious");
    }

    @Test
    void a_key_that_is_none_is_refused() {
        init();
        // 2^255 - 19 + 2 is no canonical coordinate; the second has small order.
        for (String key : List.of("ef" + "ff".repeat(30) + "7f", "00".repeat(32), "abcd")) {
            Ran ran = grant(key, "--scope", "a:read");
            assertThat(ran.code()).as(key).isEqualTo(1);
            assertThat(ran.err()).contains("no public key");
            assertThat(ran.out()).isEmpty();
        }
        assertThat(grant("xyz", "--scope", "a:read").code()).isEqualTo(1);
    }

    @Test
    void show_says_what_a_grant_allows_and_whose_it_is() {
        init();
        Path file = folder.resolve("amina.grant");
        grant(newKey(), "--scope", "clinic-7:read,write=*", "--out", file);
        Ran ran = Ran.holdfast("grant", "show", file, "--keys", keys());
        assertThat(ran.code()).isZero();
        assertThat(ran.out())
                .contains("nurse-amina", "clinic-7:read,write=*", "counts", "this deployment's");

        Path other = folder.resolve("other");
        Ran.holdfast("keys", "init", other);
        Ran foreign = Ran.holdfast("grant", "show", file, "--keys", other, "--json");
        assertThat(foreign.code()).isEqualTo(1);
        assertThat(textOf((Value.Map) Json.parse(foreign.out()), "signature")).isEqualTo("foreign");
    }

    @Test
    void a_file_that_holds_no_grant_is_told_so() throws IOException {
        Path file = Files.writeString(folder.resolve("x"), "not a grant");
        assertThat(Ran.holdfast("grant", "show", file).err()).contains("holds no grant");
        assertThat(Ran.holdfast("grant", "show", folder.resolve("nothing")).err())
                .contains("there is no such file");
    }

    @Test
    void days_that_make_no_sense_are_refused() {
        init();
        assertThat(grant(newKey(), "--scope", "a:read", "--days", "0").code()).isEqualTo(1);
        assertThat(grant(newKey(), "--scope", "a:read", "--days", "soon").code()).isEqualTo(2);
    }

    private Path keys() {
        return folder.resolve("keys");
    }

    private Ran init() {
        return Ran.holdfast("keys", "init", keys());
    }

    private Ran show() {
        return Ran.holdfast("keys", "show", "--keys", keys());
    }

    private Ran node(String name) {
        return Ran.holdfast(
                "keys",
                "node",
                name,
                "--role",
                "edge",
                "--san",
                "localhost,127.0.0.1",
                "--keys",
                keys());
    }

    private Ran grant(String key, Object... more) {
        List<Object> words =
                new ArrayList<>(
                        List.of(
                                "grant",
                                "issue",
                                "--key",
                                key,
                                "--subject",
                                "nurse-amina",
                                "--keys",
                                keys()));
        words.addAll(List.of(more));
        return Ran.holdfast(words);
    }

    private String newKey() {
        return ReplicaKey.create(entropy).publicKey().hex();
    }

    private GrantBook book() {
        try {
            Bytes authority = Bytes.fromHex(Files.readString(keys().resolve("grants.pub")).strip());
            Verifier verifier = new Verifier();
            return new GrantBook(
                    List.of(authority),
                    verifier,
                    Grant.Role.REGION,
                    Revocations.open(keys(), Set.of(authority), verifier));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String textOf(Value.Map map, String name) {
        return map.fields().get(name) instanceof Value.Text text ? text.value() : "";
    }
}
