package dev.holdfast.node.grants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeyFile;
import dev.holdfast.keys.KeysException;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.tls.Authority;
import dev.holdfast.node.tls.TlsSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialsTest {
    private static final Entropy ENTROPY = Entropy.system();

    @TempDir Path folder;
    private final ReplicaKey authority = ReplicaKey.create(ENTROPY);
    private final ReplicaKey key = ReplicaKey.create(ENTROPY);

    @BeforeEach
    void a_folder_of_the_node_edge_1() throws IOException {
        Authority ca = Authority.create(folder, "test", ENTROPY, InstantSource.system());
        ca.issue("edge-1", List.of("localhost"), Duration.ofDays(1)).write(folder);
        Files.writeString(folder.resolve("grants.pub"), authority.publicKey().hex() + "\n");
    }

    @Test
    void what_belongs_together_is_loaded() throws IOException {
        SignedGrant grant = granted(authority, "edge-1");
        Credentials credentials = load(grant, Grant.Role.EDGE);
        assertThat(credentials.authorities()).containsExactly(authority.publicKey());
        assertThat(credentials.grantFor(key, null, Optional.empty())).isEqualTo(grant);
    }

    @Test
    void a_grant_of_another_role_authority_or_node_is_refused_with_its_reason() {
        assertRefused(granted(authority, "edge-1"), Grant.Role.REGION, "not one for the role");
        assertRefused(granted(key, "edge-1"), Grant.Role.EDGE, "by none of the authorities");
        assertRefused(
                granted(authority, "edge-2"),
                Grant.Role.EDGE,
                "The certificate is edge-1's, but the grant in");
    }

    @Test
    void a_file_that_is_damaged_or_missing_is_named() throws IOException {
        SignedGrant grant = granted(authority, "edge-1");
        load(grant, Grant.Role.EDGE);
        Files.writeString(folder.resolve("grant"), "?");
        assertThatThrownBy(() -> load(Grant.Role.EDGE)).hasMessageContaining("no grant in");
        Files.writeString(folder.resolve("grants.pub"), "abc");
        assertThatThrownBy(() -> load(Grant.Role.EDGE)).hasMessageContaining("grants.pub");
        Files.delete(folder.resolve("grants.pub"));
        assertThatThrownBy(() -> load(Grant.Role.EDGE))
                .isInstanceOf(KeysException.class)
                .hasMessageContaining("Cannot read");
    }

    @Test
    void a_succession_of_the_own_grant_counts_and_nobody_elses() throws IOException {
        SignedGrant grant = granted(authority, "edge-1");
        Credentials credentials = load(grant, Grant.Role.EDGE);
        ReplicaKey next = ReplicaKey.create(ENTROPY);
        SignedGrant successor = successor(grant, next);
        assertThat(credentials.grantFor(next, successor, Optional.empty())).isEqualTo(successor);
        SignedGrant older = successor(granted(authority, "edge-0"), next);
        assertThatThrownBy(() -> credentials.grantFor(next, older, Optional.empty()))
                .hasMessageContaining("for another key");
        assertThatThrownBy(() -> credentials.grantFor(next, null, Optional.empty()))
                .hasMessageContaining("for another key");
    }

    @Test
    void a_renewed_grant_is_handed_over_anew_by_the_key_that_it_was_made_for() throws IOException {
        ReplicaKey next = ReplicaKey.create(ENTROPY);
        SignedGrant before = successor(granted(authority, "edge-1"), next);
        Path given = folder.resolve("given.key");
        new KeyFile(given).store(key);
        SignedGrant renewed =
                load(granted(authority, "edge-1", 5_000_000_000_000L), Grant.Role.EDGE)
                        .grantFor(next, before, Optional.of(given));
        assertThat(renewed.grant().notAfterMillis()).isEqualTo(5_000_000_000_000L);
        assertThat(renewed.replica()).isEqualTo(next.replica());
        Verifier verifier = new Verifier();
        assertThat(renewed.checks(authority.publicKey()))
                .allMatch(check ->
                        verifier.verify(check.publicKey(), check.text(), check.signature()));
    }

    private SignedGrant successor(SignedGrant grant, ReplicaKey next) {
        return grant.succeededBy(
                next.publicKey(), key.sign(grant.successionText(next.publicKey())));
    }

    private void assertRefused(SignedGrant grant, Grant.Role role, String reason) {
        assertThatThrownBy(() -> load(grant, role))
                .isInstanceOf(KeysException.class)
                .hasMessageContaining(reason);
    }

    private Credentials load(SignedGrant grant, Grant.Role role) throws IOException {
        Files.writeString(
                folder.resolve("grant"), Bearer.header(grant.encoded()).substring(7) + "\n");
        return load(role);
    }

    private Credentials load(Grant.Role role) {
        return Credentials.load(
                TlsSettings.in(folder),
                List.of(folder.resolve("grants.pub")),
                folder.resolve("grant"),
                role);
    }

    private SignedGrant granted(ReplicaKey by, String subject) {
        return granted(by, subject, 4_000_000_000_000L);
    }

    private SignedGrant granted(ReplicaKey by, String subject, long notAfterMillis) {
        Grant grant =
                new Grant(
                        key.publicKey(),
                        subject,
                        Grant.Role.EDGE,
                        List.of(new Grant.Right(Grant.ANY, true, List.of(Grant.ANY))),
                        0,
                        notAfterMillis,
                        0);
        return SignedGrant.of(grant, by.sign(SignedGrant.signedText(grant)));
    }
}
