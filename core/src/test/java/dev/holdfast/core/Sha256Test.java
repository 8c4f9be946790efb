package dev.holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.junit.jupiter.api.Test;

final class Sha256Test {
    @Test
    void the_example_of_fips_180_4_holds() {
        Bytes abc = Bytes.wrap("abc".getBytes(StandardCharsets.US_ASCII));
        assertThat(Sha256.of(abc).hex())
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(Sha256.of(Bytes.EMPTY).hex())
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    @Test
    void every_length_up_to_three_blocks_hashes_as_the_jdk_does() {
        Seeds.each(
                200,
                random -> {
                    Bytes input = RandomValues.bytes(random, random.nextInt(200));
                    assertThat(Sha256.of(input)).isEqualTo(jdk(input));
                });
        for (int size = 0; size <= 192; size++) {
            Bytes input = Bytes.wrap(new byte[size]);
            assertThat(Sha256.of(input)).as("%d zeros", size).isEqualTo(jdk(input));
        }
    }

    @Test
    void input_in_pieces_hashes_as_the_whole() {
        Seeds.each(
                200,
                random -> {
                    Bytes input = RandomValues.bytes(random, random.nextInt(5000));
                    Sha256 hash = new Sha256();
                    int at = 0;
                    while (at < input.size()) {
                        int count = Math.min(input.size() - at, random.nextInt(150));
                        hash.update(input.unsafeArray(), at, count);
                        at += count;
                    }
                    assertThat(hash.digest()).isEqualTo(jdk(input));
                });
    }

    private static Bytes jdk(Bytes input) {
        try {
            return Bytes.wrap(MessageDigest.getInstance("SHA-256").digest(input.toArray()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
