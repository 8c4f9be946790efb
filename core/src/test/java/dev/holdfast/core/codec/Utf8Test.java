package dev.holdfast.core.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.RandomValues;
import dev.holdfast.core.Seeds;
import dev.holdfast.core.Value;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class Utf8Test {
    @Test
    void text_is_written_as_the_jdk_writes_it() {
        Seeds.each(
                3000,
                random -> {
                    String text = RandomValues.text(random);
                    byte[] expected = text.getBytes(StandardCharsets.UTF_8);
                    byte[] written = new byte[expected.length];
                    assertThat(Utf8.length(text)).isEqualTo(expected.length);
                    assertThat(Utf8.write(text, written, 0)).isEqualTo(expected.length);
                    assertThat(written).isEqualTo(expected);
                    assertThat(Utf8.read(written, 0, written.length)).isEqualTo(text);
                });
    }

    @Test
    void arbitrary_bytes_are_read_just_when_the_jdk_reads_them() {
        Seeds.each(
                30_000,
                random -> {
                    byte[] bytes = RandomValues.bytes(random, random.nextInt(6)).toArray();
                    // Most of what is interesting starts with a byte above 0xc0.
                    if (bytes.length > 1 && random.nextBoolean()) bytes[0] |= (byte) 0xc0;
                    for (int i = 1; i < bytes.length; i++) {
                        if (random.nextInt(4) != 0) bytes[i] = (byte) (bytes[i] & 0x3f | 0x80);
                    }
                    assertThat(ours(bytes)).isEqualTo(jdk(bytes));
                });
    }

    @Test
    void every_code_point_comes_back() {
        for (int point = 0; point <= 0x10ffff; point++) {
            if (point >= 0xd800 && point <= 0xdfff) continue;
            String text = Character.toString(point);
            byte[] bytes = new byte[4];
            int size = Utf8.write(text, bytes, 0);
            if (!Utf8.read(bytes, 0, size).equals(text)) {
                throw new AssertionError(Integer.toHexString(point));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "80",
                "bf",
                "c0",
                "c080",
                "c1bf",
                "c2",
                "c220",
                "e0",
                "e080",
                "e08080",
                "e09fbf",
                "eda080",
                "edbfbf",
                "f0",
                "f08080",
                "f0808080",
                "f08fbfbf",
                "f4908080",
                "f5808080",
                "f8808080",
                "fe",
                "ff",
                "c3bcff"
            })
    void what_is_not_utf_8_is_refused(String hex) {
        byte[] bytes = Bytes.fromHex(hex).toArray();
        assertThatThrownBy(() -> Utf8.read(bytes, 0, bytes.length))
                .isInstanceOf(MalformedException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\ud800",
                "\udc00",
                "a\ud800",
                "\ud800a",
                "\udc00\ud800",
                "\ud83d\ude00\ud83d"
            })
    void half_a_surrogate_pair_is_refused(String text) {
        assertThatThrownBy(() -> Utf8.requireWellFormed(text))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> Value.of(text)).isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> new CborWriter().text(text))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void names_are_ordered_by_the_length_and_bytes_of_their_encodings() {
        Seeds.each(
                5000,
                random -> {
                    String a = RandomValues.text(random);
                    String b = RandomValues.text(random);
                    byte[] x = a.getBytes(StandardCharsets.UTF_8);
                    byte[] y = b.getBytes(StandardCharsets.UTF_8);
                    int expected =
                            x.length != y.length
                                    ? Integer.compare(x.length, y.length)
                                    : Arrays.compareUnsigned(x, y);
                    assertThat(Integer.signum(Utf8.LENGTH_FIRST.compare(a, b)))
                            .isEqualTo(Integer.signum(expected));
                });
    }

    private static @Nullable String ours(byte[] bytes) {
        try {
            return Utf8.read(bytes, 0, bytes.length);
        } catch (MalformedException e) {
            return null;
        }
    }

    private static @Nullable String jdk(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
