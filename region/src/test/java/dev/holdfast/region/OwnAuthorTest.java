package dev.holdfast.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Limits;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.MemoryStore;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.KeyFile;
import dev.holdfast.keys.KeysException;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.grants.Credentials;
import dev.holdfast.node.tls.Authority;
import dev.holdfast.node.tls.Tls;
import dev.holdfast.region.store.MemoryTransactor;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process of a region that is killed between its witness and the commit, each time it runs. */
final class OwnAuthorTest {
    private static final int TIMES = 3 * Limits.SUCCESSIONS;

    @TempDir Path folder;

    private final MemoryTransactor store = new MemoryTransactor(MemoryStore.durable());
    private final ReplicaKey granted = TestAuthor.key("killed-region");
    private Path key;
    private Tls tls;

    @BeforeEach
    void what_the_keys_command_writes() {
        key = folder.resolve("given.key");
        new KeyFile(key).store(granted);
        Authority authority =
                Authority.create(
                        folder.resolve("authority"),
                        "test",
                        Entropy.system(),
                        InstantSource.system());
        tls =
                new Tls(
                        authority.issue("region", List.of("localhost"), Duration.ofDays(9)),
                        PinnedTrust.load(
                                folder.resolve("authority").resolve(Authority.CA_CERTIFICATE)));
    }

    @Test
    void no_number_of_kills_uses_up_the_successions_of_its_grant() {
        Set<ReplicaId> keys = new HashSet<>();
        for (int i = 0; i < TIMES; i++) {
            SignedGrant grant = killed(granted, Optional.of(key));
            assertThat(keys.add(grant.replica())).as("a key of its own").isTrue();
            assertThat(grant.checks(TestAuthor.AUTHORITY.publicKey()))
                    .allMatch(check ->
                            new Verifier()
                                    .verify(check.publicKey(), check.text(), check.signature()));
        }
    }

    @Test
    void one_that_has_not_the_key_that_was_granted_says_at_the_end_what_it_needs() {
        new KeyFile(folder.resolve("replica.key")).store(granted);
        for (int i = 0; i <= Limits.SUCCESSIONS; i++) killed(granted, Optional.empty());
        ReplicaKey last = new KeyFile(folder.resolve("replica.key")).load();
        assertThatThrownBy(() -> killed(granted, Optional.empty()))
                .isInstanceOf(KeysException.class)
                .hasMessageContaining("replica-key")
                .hasMessageContaining(last.publicKey().hex());
        // Either helps.
        killed(granted, Optional.of(key));
        ReplicaKey now = new KeyFile(folder.resolve("replica.key")).load();
        killed(now, Optional.empty());
    }

    /** A run that authors a batch, and ends before its transaction does; answers its grant. */
    private SignedGrant killed(ReplicaKey granted, Optional<Path> given) {
        Credentials credentials =
                new Credentials(
                        tls,
                        Set.of(TestAuthor.AUTHORITY.publicKey()),
                        TestAuthor.grant(granted, Grant.Role.REGION));
        try (OwnAuthor own = OwnAuthor.open(folder, given, credentials, store, Entropy.system())) {
            TestAuthor scratch = new TestAuthor("killed", own.key().replica().toString());
            own.sealed(scratch.increment("p1"));
            return own.grant();
        }
    }
}
