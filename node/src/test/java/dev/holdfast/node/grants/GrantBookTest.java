package dev.holdfast.node.grants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.grants.GrantBook.Code;
import dev.holdfast.node.grants.GrantBook.Verdict;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrantBookTest {
    private static final long DAY = 86_400_000;
    private static final long BEGINS = 1_800_000_000_000L;

    private final ReplicaKey authority = key(1);
    private final ReplicaKey device = key(2);
    @TempDir Path folder;
    private Revocations revocations;
    private GrantBook book;

    @BeforeEach
    void open() {
        revocations = Revocations.open(folder, Set.of(authority.publicKey()), new Verifier());
        book =
                new GrantBook(
                        List.of(key(9).publicKey(), authority.publicKey()),
                        new Verifier(),
                        Grant.Role.REGION,
                        revocations);
    }

    @Test
    void a_grant_of_a_trusted_authority_counts_from_its_begin_to_the_end_of_its_grace() {
        SignedGrant grant = grant(authority);
        assertThat(book.judge(grant.encoded(), BEGINS + DAY)).isEqualTo(new Verdict.Valid(grant));
        assertThat(book.judge(grant.encoded(), BEGINS + 15 * DAY))
                .isEqualTo(new Verdict.Valid(grant));
        assertThat(code(book.judge(grant.encoded(), BEGINS + 18 * DAY)))
                .isEqualTo(Code.GRANT_EXPIRED);
        assertThat(code(book.judge(grant.encoded(), BEGINS - DAY))).isEqualTo(Code.GRANT_NOT_YET);
        assertThat(book.judge(grant.encoded(), BEGINS)).isEqualTo(new Verdict.Valid(grant));
    }

    @Test
    void an_edge_whose_clock_has_stopped_refuses_no_grant_for_not_counting_yet() {
        GrantBook edges =
                new GrantBook(
                        List.of(authority.publicKey()),
                        new Verifier(),
                        Grant.Role.EDGE,
                        revocations);
        SignedGrant grant = grant(authority);
        assertThat(edges.judge(grant.encoded(), 0)).isEqualTo(new Verdict.Valid(grant));
        assertThat(code(edges.judge(grant.encoded(), BEGINS + 18 * DAY)))
                .isEqualTo(Code.GRANT_EXPIRED);
    }

    @Test
    void anybody_elses_grant_is_foreign() {
        assertThat(code(book.judge(grant(key(3)).encoded(), BEGINS))).isEqualTo(Code.GRANT_FOREIGN);
        assertThat(code(book.judge(grant(device).encoded(), BEGINS))).isEqualTo(Code.GRANT_FOREIGN);
    }

    @Test
    void a_succession_counts_only_with_the_signature_of_the_key_before() {
        SignedGrant grant = grant(authority);
        Bytes next = key(4).publicKey();
        SignedGrant good = grant.succeededBy(next, device.sign(grant.successionText(next)));
        assertThat(book.judge(good.encoded(), BEGINS)).isEqualTo(new Verdict.Valid(good));
        SignedGrant bad = grant.succeededBy(next, key(4).sign(grant.successionText(next)));
        assertThat(code(book.judge(bad.encoded(), BEGINS))).isEqualTo(Code.GRANT_FOREIGN);
    }

    @Test
    void a_revoked_grant_is_refused_at_once_though_it_was_believed_before() {
        SignedGrant grant = grant(authority);
        assertThat(book.judge(grant.encoded(), BEGINS)).isEqualTo(new Verdict.Valid(grant));
        revoke(device.publicKey());
        Verdict verdict = book.judge(grant.encoded(), BEGINS);
        assertThat(code(verdict)).isEqualTo(Code.GRANT_REVOKED);
        assertThat(((Verdict.Refused) verdict).reason()).contains("2027-").doesNotContain("stolen");
        assertThat(Code.GRANT_REVOKED.text()).isEqualTo("grant-revoked");
    }

    @Test
    void whoever_it_was_handed_over_to_is_refused_with_it_and_the_key_before_is_not() {
        SignedGrant grant = grant(authority);
        Bytes next = key(4).publicKey();
        SignedGrant second = grant.succeededBy(next, device.sign(grant.successionText(next)));
        Bytes last = key(5).publicKey();
        SignedGrant third = second.succeededBy(last, key(4).sign(grant.successionText(last)));
        assertThat(book.judge(third.encoded(), BEGINS)).isEqualTo(new Verdict.Valid(third));
        revoke(next);
        assertThat(book.judge(grant.encoded(), BEGINS)).isEqualTo(new Verdict.Valid(grant));
        assertThat(code(book.judge(second.encoded(), BEGINS))).isEqualTo(Code.GRANT_REVOKED);
        assertThat(code(book.judge(third.encoded(), BEGINS))).isEqualTo(Code.GRANT_REVOKED);
        revoke(device.publicKey());
        for (SignedGrant each : List.of(grant, second, third))
            assertThat(code(book.judge(each.encoded(), BEGINS))).isEqualTo(Code.GRANT_REVOKED);
    }

    private void revoke(Bytes key) {
        Revocation word =
                new Revocation(
                        key, "nurse-amina", Instant.ofEpochMilli(BEGINS), Optional.of("stolen"));
        RevocationList next = revocations.list().next(List.of(word));
        assertThat(revocations.take(SignedRevocations.sign(next, authority::sign).text(), "test"))
                .isTrue();
    }

    @Test
    void a_grant_with_any_byte_changed_is_refused_without_an_exception() {
        byte[] encoded = grant(authority).encoded().toArray();
        for (int i = 0; i < encoded.length; i++) {
            byte[] changed = encoded.clone();
            changed[i] ^= 1;
            assertThat(code(book.judge(Bytes.wrap(changed), BEGINS)))
                    .isIn(Code.GRANT_FOREIGN, Code.GRANT_MALFORMED);
        }
        for (int size = 0; size < encoded.length; size++) {
            assertThat(code(book.judge(Bytes.wrap(encoded).slice(0, size), BEGINS)))
                    .isEqualTo(Code.GRANT_MALFORMED);
        }
    }

    @Test
    void the_header_carries_it() {
        SignedGrant grant = grant(authority);
        String header = Bearer.header(grant.encoded());
        assertThat(book.judge(Optional.of(header), BEGINS)).isEqualTo(new Verdict.Valid(grant));
        assertThat(book.judge(Optional.of(header.replace("Bearer", "bearer")), BEGINS))
                .isEqualTo(new Verdict.Valid(grant));
        assertThat(code(book.judge(Optional.empty(), BEGINS))).isEqualTo(Code.GRANT_MISSING);
        for (String other :
                List.of(
                        "",
                        "Basic abc",
                        "Bearer",
                        "Bearer ",
                        "Bearer !!",
                        "Bearer " + "A".repeat(20_000))) {
            assertThat(code(book.judge(Optional.of(other), BEGINS)))
                    .as(other)
                    .isEqualTo(Code.GRANT_MALFORMED);
        }
        assertThat(Code.GRANT_NOT_YET.text()).isEqualTo("grant-not-yet");
    }

    private SignedGrant grant(ReplicaKey signer) {
        Grant grant =
                new Grant(
                        device.publicKey(),
                        "nurse-amina",
                        Grant.Role.DEVICE,
                        List.of(new Grant.Right("clinic-7", true, List.of("patients"))),
                        BEGINS,
                        BEGINS + 10 * DAY,
                        7 * DAY);
        return SignedGrant.of(grant, signer.sign(SignedGrant.signedText(grant)));
    }

    private static ReplicaKey key(int seed) {
        byte[] bytes = new byte[32];
        new Random(seed).nextBytes(bytes);
        return ReplicaKey.ofSeed(Bytes.wrap(bytes));
    }

    private static Code code(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Refused.class);
        return ((Verdict.Refused) verdict).code();
    }
}
