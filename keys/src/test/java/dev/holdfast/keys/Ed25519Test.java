package dev.holdfast.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import java.math.BigInteger;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class Ed25519Test {
    private static final Ed25519 CONSCRYPT = Ed25519.conscrypt().orElseThrow();
    private static final Ed25519 BOUNCY_CASTLE = Ed25519.bouncyCastle();

    private record Vector(String seed, String publicKey, String message, String signature) {}

    /** RFC 8032 section 7.1, tests 1 to 3 and SHA(abc). */
    private static final List<Vector> RFC_8032 =
            List.of(
                    new Vector(
                            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
                            "",
                            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                                    + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
                    new Vector(
                            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
                            "72",
                            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                                    + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
                    new Vector(
                            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
                            "af82",
                            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                                    + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
                    new Vector(
                            "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
                            "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
                            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                                    + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
                            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
                                    + "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"));

    static Stream<Ed25519> providers() {
        return Stream.of(CONSCRYPT, BOUNCY_CASTLE);
    }

    @Test
    void conscrypt_is_chosen_where_it_loads() {
        assertThat(Ed25519.best().name()).startsWith("Conscrypt 2.");
        assertThat(BOUNCY_CASTLE.name()).startsWith("Bouncy Castle 1.");
    }

    @ParameterizedTest
    @MethodSource("providers")
    void the_vectors_of_rfc_8032_hold(Ed25519 ed25519) {
        for (Vector vector : RFC_8032) {
            ReplicaKey key = ReplicaKey.ofSeed(Bytes.fromHex(vector.seed), ed25519);
            Bytes message = Bytes.fromHex(vector.message);
            assertThat(key.publicKey().hex()).isEqualTo(vector.publicKey);
            assertThat(key.sign(message).hex()).isEqualTo(vector.signature);
            assertThat(new Verifier(ed25519).verify(key.publicKey(), message, key.sign(message)))
                    .isTrue();
        }
    }

    @Test
    void each_provider_verifies_what_the_other_signed() {
        Random random = new Random(8032);
        for (int i = 0; i < 100; i++) {
            Bytes seed = drawn(random, 32);
            Bytes message = drawn(random, random.nextInt(500));
            ReplicaKey ours = ReplicaKey.ofSeed(seed, CONSCRYPT);
            ReplicaKey theirs = ReplicaKey.ofSeed(seed, BOUNCY_CASTLE);
            assertThat(ours.replica()).isEqualTo(theirs.replica());
            assertThat(ours.sign(message)).isEqualTo(theirs.sign(message));
            assertThat(
                            new Verifier(BOUNCY_CASTLE)
                                    .verify(ours.publicKey(), message, ours.sign(message)))
                    .isTrue();
            assertThat(
                            new Verifier(CONSCRYPT)
                                    .verify(ours.publicKey(), message, theirs.sign(message)))
                    .isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("providers")
    void any_changed_bit_is_refused(Ed25519 ed25519) {
        Random random = new Random(1);
        Verifier verifier = new Verifier(ed25519);
        ReplicaKey key = ReplicaKey.ofSeed(drawn(random, 32), ed25519);
        Bytes message = drawn(random, 40);
        Bytes signature = key.sign(message);
        for (int bit = 0; bit < 512; bit++) {
            assertThat(verifier.verify(key.publicKey(), message, flipped(signature, bit)))
                    .isFalse();
        }
        for (int bit = 0; bit < 256; bit++) {
            assertThat(verifier.verify(flipped(key.publicKey(), bit), message, signature))
                    .isFalse();
        }
        assertThat(verifier.verify(key.publicKey(), flipped(message, 9), signature)).isFalse();
    }

    @ParameterizedTest
    @MethodSource("providers")
    void wrong_lengths_are_false_and_never_thrown(Ed25519 ed25519) {
        Random random = new Random(2);
        Verifier verifier = new Verifier(ed25519);
        ReplicaKey key = ReplicaKey.ofSeed(drawn(random, 32), ed25519);
        Bytes signature = key.sign(Bytes.EMPTY);
        for (int size = 0; size <= 130; size++) {
            Bytes other =
                    size <= 64
                            ? signature.slice(0, size)
                            : signature.concat(drawn(random, size - 64));
            assertThat(verifier.verify(key.publicKey(), Bytes.EMPTY, other)).isEqualTo(size == 64);
            assertThat(
                            ed25519.checker(key.publicKey())
                                    .orElseThrow()
                                    .holds(new byte[0], other.toArray()))
                    .isEqualTo(size == 64);
        }
        for (int size = 0; size <= 66; size++) {
            if (size == 32) continue;
            assertThat(verifier.verify(drawn(random, size), Bytes.EMPTY, signature)).isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("providers")
    void keys_of_small_or_mixed_order_and_other_encodings_are_no_keys(Ed25519 ed25519) {
        ReferenceEd25519.Point small = ReferenceEd25519.smallOrder();
        ReferenceEd25519.Point point = small;
        for (int i = 0; i < 8; i++) {
            assertThat(ed25519.checker(Bytes.wrap(point.encoded()))).isEmpty();
            point = point.plus(small);
        }
        byte[] mixed = ReferenceEd25519.BASE.times(BigInteger.TEN).plus(small).encoded();
        assertThat(ed25519.checker(Bytes.wrap(mixed))).isEmpty();
        byte[] beyondP = ReferenceEd25519.little(ReferenceEd25519.P.add(BigInteger.ONE), 32);
        assertThat(ed25519.checker(Bytes.wrap(beyondP))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("providers")
    void a_dishonest_signer_cannot_make_what_only_some_nodes_accept(Ed25519 ed25519) {
        Random random = new Random(3);
        Verifier verifier = new Verifier(ed25519);
        ReferenceEd25519.Point small = ReferenceEd25519.smallOrder();
        ReferenceEd25519.Point extra = ReferenceEd25519.NEUTRAL;
        for (int i = 0; i < 24; i++) {
            Bytes seed = drawn(random, 32);
            BigInteger secret = ReferenceEd25519.secret(seed);
            Bytes key = ReplicaKey.ofSeed(seed, ed25519).publicKey();
            Bytes message = drawn(random, 20);
            BigInteger nonce = i % 3 == 0 ? BigInteger.ZERO : new BigInteger(250, random);
            byte[] signature =
                    ReferenceEd25519.sign(secret, nonce, extra, key.toArray(), message.toArray());
            boolean expected =
                    ReferenceEd25519.holds(secret, key.toArray(), message.toArray(), signature);
            assertThat(expected).isEqualTo(extra.equals(ReferenceEd25519.NEUTRAL));
            assertThat(verifier.verify(key, message, Bytes.wrap(signature))).isEqualTo(expected);
            extra = extra.plus(small);
        }
    }

    @ParameterizedTest
    @MethodSource("providers")
    void an_s_beyond_the_order_is_refused(Ed25519 ed25519) {
        Random random = new Random(4);
        ReplicaKey key = ReplicaKey.ofSeed(drawn(random, 32), ed25519);
        Bytes signature = key.sign(Bytes.EMPTY);
        byte[] s = signature.slice(32, 64).toArray();
        BigInteger larger = new BigInteger(1, reversed(s)).add(ReferenceEd25519.ORDER);
        Bytes forged =
                signature.slice(0, 32).concat(Bytes.wrap(ReferenceEd25519.little(larger, 32)));
        assertThat(new Verifier(ed25519).verify(key.publicKey(), Bytes.EMPTY, forged)).isFalse();
    }

    private static Bytes drawn(Random random, int size) {
        byte[] out = new byte[size];
        random.nextBytes(out);
        return Bytes.wrap(out);
    }

    private static Bytes flipped(Bytes bytes, int bit) {
        byte[] out = bytes.toArray();
        out[bit / 8] ^= (byte) (1 << bit % 8);
        return Bytes.wrap(out);
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] out = new byte[bytes.length];
        for (int i = 0; i < out.length; i++) out[i] = bytes[bytes.length - 1 - i];
        return out;
    }
}
