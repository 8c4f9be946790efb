package dev.holdfast.core.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.RandomValues;
import dev.holdfast.core.Seeds;
import dev.holdfast.core.Value;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CborTest {
    @Test
    void a_value_comes_back_as_it_was_written() {
        Seeds.each(
                3000,
                random -> {
                    Value value = RandomValues.value(random, 4);
                    assertThat(CborReader.decode(CborWriter.encode(value))).isEqualTo(value);
                });
    }

    @Test
    void whatever_is_read_would_be_written_just_so() {
        int[] taken = {0};
        Seeds.each(
                20_000,
                random -> {
                    Bytes mutated =
                            mutate(CborWriter.encode(RandomValues.value(random, 3)), random);
                    Value value;
                    try {
                        value = CborReader.decode(mutated);
                    } catch (MalformedException e) {
                        return;
                    }
                    taken[0]++;
                    assertThat(CborWriter.encode(value)).isEqualTo(mutated);
                });
        assertThat(taken[0]).as("mutations that are still in form").isGreaterThan(1000);
    }

    @Test
    void arbitrary_bytes_are_read_or_refused_and_nothing_else() {
        Seeds.each(
                20_000,
                random -> {
                    Bytes input = RandomValues.bytes(random, random.nextInt(12));
                    try {
                        assertThat(CborWriter.encode(CborReader.decode(input))).isEqualTo(input);
                    } catch (MalformedException e) {
                        assertThat(e).hasMessageNotContaining(input.hex() + "x");
                    }
                });
    }

    /** RFC 8949, appendix A: those that deterministic encoding and JSON's values leave. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    0 | 00
                    1 | 01
                    10 | 0a
                    23 | 17
                    24 | 1818
                    25 | 1819
                    100 | 1864
                    1000 | 1903e8
                    1000000 | 1a000f4240
                    1000000000000 | 1b000000e8d4a51000
                    -1 | 20
                    -10 | 29
                    -100 | 3863
                    -1000 | 3903e7
                    1.1 | fb3ff199999999999a
                    1.5 | f93e00
                    100000.5 | fa47c35040
                    3.4028234663852886e38 | fa7f7fffff
                    1.0e300 | fb7e37e43c8800759c
                    5.960464477539063e-8 | f90001
                    0.00006103515625 | f90400
                    -4.1 | fbc010666666666666
                    false | f4
                    true | f5
                    null | f6
                    {"$bytes":""} | 40
                    {"$bytes":"01020304"} | 4401020304
                    "" | 60
                    "a" | 6161
                    "IETF" | 6449455446
                    "\\"\\\\" | 62225c
                    "ü" | 62c3bc
                    "水" | 63e6b0b4
                    "\\ud800\\udd51" | 64f0908591
                    [] | 80
                    [1,2,3] | 83010203
                    [1,[2,3],[4,5]] | 8301820203820405
                    {} | a0
                    {"a":1,"b":[2,3]} | a26161016162820203
                    ["a",{"b":"c"}] | 826161a161626163
                    """)
    void the_examples_of_the_standard_hold(String json, String hex) {
        Value value = Json.parse(json);
        assertThat(CborWriter.encode(value).hex()).isEqualTo(hex);
        assertThat(CborReader.decode(Bytes.fromHex(hex))).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1800",
                "1817",
                "190017",
                "1900ff",
                "1a0000ffff",
                "1b00000000ffffffff",
                "3817",
                "5800",
                "7800",
                "9800",
                "b800",
                "1c",
                "1d",
                "1e",
                "1f",
                "5f4100ff",
                "7f6161ff",
                "9f01ff",
                "bf616101ff",
                "ff",
                "f0",
                "f7",
                "f818",
                "f97e00",
                "f97c00",
                "f9fc00",
                "fa7f800000",
                "fb7ff0000000000000",
                "fb7ff8000000000000",
                "f90000",
                "f98000",
                "f93c00",
                "fa3fc00000",
                "fa3f800000",
                "fb3ff8000000000000",
                "fb4330000000000000",
                "fa4b000000",
                "c001",
                "d74401020304",
                "1bffffffffffffffff",
                "3bffffffffffffffff",
                "a10101",
                "a2616101616102",
                "a2616201616102",
                "a262616101616202",
                "0000",
                "61",
                "41",
                "81",
                "a16161",
                "f9",
                "fa000000",
                "19",
                "1b00"
            })
    void what_no_writer_writes_is_refused(String hex) {
        assertThatThrownBy(() -> CborReader.decode(Bytes.fromHex(hex)))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void every_half_is_written_as_a_half() {
        for (int half = 0; half < 0x10000; half++) {
            double value = HalfFloat.toDouble(half);
            if (!Double.isFinite(value) || value == Math.rint(value)) continue;
            Bytes encoded = CborWriter.encode(Value.number(value));
            assertThat(encoded.size()).as("%04x", half).isEqualTo(3);
            assertThat((encoded.at(1) & 0xff) << 8 | encoded.at(2) & 0xff).isEqualTo(half);
        }
    }

    @Test
    void a_number_is_written_as_short_as_it_can_be_without_loss() {
        Seeds.each(
                20_000,
                random -> {
                    if (!(Value.number(RandomValues.real(random)) instanceof Value.Real real))
                        return;
                    int size = CborWriter.encode(real).size();
                    boolean single = (double) (float) real.value() == real.value();
                    assertThat(size).isEqualTo(single ? (isHalf((float) real.value()) ? 3 : 5) : 9);
                });
    }

    /** By the JDK's own conversion, which TeaVM has not. */
    private static boolean isHalf(float value) {
        return Float.float16ToFloat(Float.floatToFloat16(value)) == value;
    }

    @Test
    void nesting_is_taken_up_to_the_limit_and_not_beyond() {
        assertThat(CborReader.decode(nested(Limits.NESTING - 1))).isInstanceOf(Value.Array.class);
        assertThatThrownBy(() -> CborReader.decode(nested(Limits.NESTING)))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> CborReader.decode(nested(100_000)))
                .isInstanceOf(MalformedException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "5a7fffffff", "5affffffff", "5b7fffffffffffffff", "7affffffff", "9a7fffffff",
                "9b0000ffffffffffff", "ba7fffffff", "bb7fffffffffffffff", "9a00ffffff00",
                        "5bffffffffffffffff"
            })
    void a_length_costs_nothing_before_its_bytes_are_there(String hex) {
        // A reader that believed these lengths would need gigabytes, and this would not end so.
        assertThatThrownBy(() -> CborReader.decode(Bytes.fromHex(hex)))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("beyond the end");
    }

    @Test
    void arrays_of_arrays_that_promise_much_cost_little() {
        // Each level promises as many items as there are bytes left, and has one.
        byte[] bytes = new byte[200_000];
        for (int at = 0; at + 5 <= 5 * 30; at += 5) {
            int items = bytes.length - at - 5;
            bytes[at] = (byte) 0x9a;
            bytes[at + 2] = (byte) (items >> 16);
            bytes[at + 3] = (byte) (items >> 8);
            bytes[at + 4] = (byte) items;
        }
        assertThatThrownBy(() -> CborReader.decode(Bytes.wrap(bytes)))
                .isInstanceOf(MalformedException.class);
    }

    /** Half a megabyte of empty maps, in a message of anybody, was sixty in memory. */
    @Test
    void what_is_written_in_one_byte_is_made_once() {
        for (String one : new String[] {"a0", "80", "60", "40", "00", "17", "20", "37", "f6"}) {
            Value.Array two = (Value.Array) CborReader.decode(Bytes.fromHex("82" + one + one));
            assertThat(two.items().get(0)).as(one).isSameAs(two.items().get(1));
            assertThat(CborWriter.encode(two).hex()).isEqualTo("82" + one + one);
        }
    }

    @Test
    void map_keys_stand_by_length_and_then_by_bytes() {
        Value value = Json.parse("{\"b\":1,\"aa\":2,\"a\":3,\"é\":4,\"\":5}");
        assertThat(CborWriter.encode(value).hex())
                .isEqualTo("a5600561610361620162616102" + "62c3a904");
    }

    @Test
    void a_reader_within_a_larger_array_sees_only_its_part() {
        byte[] bytes = {(byte) 0xff, 0x18, 0x18, (byte) 0xff};
        CborReader in = new CborReader(bytes, 1, 2);
        assertThat(in.integer()).isEqualTo(24);
        assertThat(in.atEnd()).isTrue();
        assertThatThrownBy(in::integer).isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> new CborReader(bytes, 1, 1).integer())
                .isInstanceOf(MalformedException.class);
    }

    private static Bytes nested(int arrays) {
        byte[] bytes = new byte[arrays + 1];
        java.util.Arrays.fill(bytes, 0, arrays, (byte) 0x81);
        return Bytes.wrap(bytes);
    }

    /** Flips, drops, doubles or replaces a few bytes. */
    private static Bytes mutate(Bytes encoded, Random random) {
        Bytes bytes = encoded;
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
            int at = random.nextInt(bytes.size() + 1);
            Bytes one = RandomValues.bytes(random, 1);
            Bytes before = bytes.slice(0, at);
            Bytes after = bytes.slice(Math.min(bytes.size(), at + random.nextInt(2)), bytes.size());
            bytes = random.nextBoolean() ? before.concat(one).concat(after) : before.concat(after);
            if (random.nextInt(4) == 0 && bytes.size() > 0) {
                byte[] flipped = bytes.toArray();
                flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
                bytes = Bytes.wrap(flipped);
            }
        }
        return bytes;
    }
}
