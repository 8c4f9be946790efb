package dev.holdfast.core.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.RandomValues;
import dev.holdfast.core.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class GrantTest {
    private static final Bytes AUTHORITY = key(100);

    @Test
    void a_grant_comes_back_as_it_was_encoded() {
        Seeds.each(
                1000,
                random -> {
                    SignedGrant signed = signed(random);
                    SignedGrant read = SignedGrant.decode(signed.encoded());
                    assertThat(read).isEqualTo(signed);
                    assertThat(read.encoded()).isEqualTo(signed.encoded());
                });
    }

    @Test
    void a_changed_byte_is_refused_or_changes_what_is_asked_of_the_signatures() {
        Seeds.each(
                3000,
                random -> {
                    SignedGrant signed = signed(random);
                    byte[] changed = signed.encoded().toArray();
                    changed[random.nextInt(changed.length)] ^= (byte) (1 + random.nextInt(255));
                    SignedGrant read;
                    try {
                        read = SignedGrant.decode(Bytes.wrap(changed));
                    } catch (MalformedException e) {
                        return;
                    }
                    assertThat(read.checks(AUTHORITY)).isNotEqualTo(signed.checks(AUTHORITY));
                });
    }

    @Test
    void each_key_signs_the_next_and_the_last_one_writes() {
        SignedGrant first = SignedGrant.of(grant(key(1), 0, 1000, 0), Bytes.wrap(new byte[64]));
        SignedGrant third = first.succeededBy(key(2), sign(1)).succeededBy(key(3), sign(2));
        assertThat(third.publicKey()).isEqualTo(key(3));
        assertThat(third.replica()).isEqualTo(ReplicaId.ofKey(key(3)));
        assertThat(third.checks(AUTHORITY))
                .containsExactly(
                        new SignatureCheck(
                                AUTHORITY,
                                SignedGrant.signedText(first.grant()),
                                first.signature()),
                        new SignatureCheck(key(1), first.successionText(key(2)), sign(1)),
                        new SignatureCheck(key(2), first.successionText(key(3)), sign(2)));
    }

    @Test
    void a_succession_of_one_grant_is_none_of_another() {
        SignedGrant one = SignedGrant.of(grant(key(1), 0, 1000, 0), sign(0));
        SignedGrant other = SignedGrant.of(grant(key(1), 0, 2000, 0), sign(0));
        assertThat(one.successionText(key(2))).isNotEqualTo(other.successionText(key(2)));
    }

    @Test
    void a_chain_of_successions_ends_somewhere() {
        SignedGrant longest = SignedGrant.of(grant(key(1), 0, 1000, 0), sign(0));
        for (int i = 0; i < Limits.SUCCESSIONS; i++) longest = longest.succeededBy(key(i), sign(i));
        SignedGrant full = longest;
        assertThatThrownBy(() -> full.succeededBy(key(99), sign(99)))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> full.succeededBy(Bytes.wrap(new byte[31]), sign(1)))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void rights_are_per_scope_and_collection() {
        Grant grant =
                new Grant(
                        key(1),
                        "nurse-amina",
                        Grant.Role.DEVICE,
                        List.of(
                                new Grant.Right("clinic-7", true, List.of("patients")),
                                new Grant.Right("clinic-8", false, List.of("*"))),
                        0,
                        1000,
                        0);
        assertThat(grant.mayRead("clinic-7")).isTrue();
        assertThat(grant.mayRead("clinic-8")).isFalse();
        assertThat(grant.mayWrite("clinic-7", "patients")).isTrue();
        assertThat(grant.mayWrite("clinic-7", "visits")).isFalse();
        assertThat(grant.mayWrite("clinic-8", "visits")).isTrue();
        assertThat(grant.mayWrite("clinic-9", "patients")).isFalse();
        assertThat(grant.names("clinic-8")).isTrue();
        assertThat(grant.names("clinic-9")).isFalse();
        assertThat(grant(key(1), 0, 1, 0).mayRead("anything")).isTrue();
    }

    @Test
    void it_counts_from_a_little_before_its_beginning_to_the_end_of_its_grace() {
        Grant grant = grant(key(1), 1_000_000, 2_000_000, 500_000);
        assertThat(grant.countsAt(1_000_000 - Limits.DRIFT_MILLIS)).isTrue();
        assertThat(grant.countsAt(1_000_000 - Limits.DRIFT_MILLIS - 1)).isFalse();
        assertThat(grant.countsAt(2_500_000)).isTrue();
        assertThat(grant.countsAt(2_500_001)).isFalse();
    }

    @Test
    void what_makes_no_sense_is_refused() {
        for (long[] times :
                new long[][] {{-1, 5, 0}, {5, 4, 0}, {0, Limits.MAX_MILLIS + 1, 0}, {0, 1, -1}}) {
            assertThatThrownBy(() -> grant(key(1), times[0], times[1], times[2]))
                    .isInstanceOf(MalformedException.class);
        }
        assertThatThrownBy(() -> grant(Bytes.wrap(new byte[31]), 0, 1, 0))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> new Grant.Right("a/b", true, List.of()))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> SignedGrant.decode(Bytes.wrap(new byte[Limits.GRANT_BYTES + 1])))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void a_grant_that_could_not_be_read_again_is_not_made() {
        List<Grant.Right> rights = new ArrayList<>();
        for (int i = 0; i < Limits.SCOPES_PER_GRANT; i++) {
            rights.add(new Grant.Right("x".repeat(100) + i, true, List.of("*")));
        }
        Grant large = new Grant(key(1), "s", Grant.Role.DEVICE, rights, 0, 1, 0);
        assertThatThrownBy(() -> SignedGrant.of(large, sign(0)))
                .isInstanceOf(MalformedException.class);
    }

    private static SignedGrant signed(Random random) {
        List<Grant.Right> rights = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            String scope = random.nextBoolean() ? Grant.ANY : "clinic-" + random.nextInt(9);
            rights.add(new Grant.Right(scope, random.nextBoolean(), List.of("patients", "é")));
        }
        Grant grant =
                new Grant(
                        key(random.nextInt(50)),
                        "nurse-é" + random.nextInt(99),
                        List.of(Grant.Role.values()).get(random.nextInt(4)),
                        rights,
                        random.nextInt(1000),
                        1000 + random.nextInt(1000),
                        random.nextInt(1000));
        SignedGrant signed = SignedGrant.of(grant, RandomValues.bytes(random, 64));
        for (int i = random.nextInt(4); i > 0; i--) {
            signed = signed.succeededBy(key(random.nextInt(50)), RandomValues.bytes(random, 64));
        }
        return signed;
    }

    private static Grant grant(Bytes key, long notBefore, long notAfter, long grace) {
        List<Grant.Right> rights = List.of(new Grant.Right(Grant.ANY, true, List.of(Grant.ANY)));
        return new Grant(key, "subject", Grant.Role.DEVICE, rights, notBefore, notAfter, grace);
    }

    private static Bytes key(int number) {
        return RandomValues.bytes(new Random(number), 32);
    }

    private static Bytes sign(int number) {
        return RandomValues.bytes(new Random(1000 + number), 64);
    }
}
