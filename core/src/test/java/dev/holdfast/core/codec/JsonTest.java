package dev.holdfast.core.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.RandomValues;
import dev.holdfast.core.Seeds;
import dev.holdfast.core.Value;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTest {
    @Test
    void a_value_comes_back_as_it_was_printed() {
        Seeds.each(
                3000,
                random -> {
                    Value value = RandomValues.value(random, 4);
                    assertThat(Json.parse(Json.print(value))).isEqualTo(value);
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "nul",
                "nulll",
                "True",
                "01",
                "-",
                "-01",
                "+1",
                "1.",
                ".5",
                "1e",
                "1e+",
                "0x10",
                "1_000",
                "NaN",
                "Infinity",
                "1e309",
                "-1e309",
                "\"",
                "\"a",
                "\"\\\"",
                "\"\\x\"",
                "\"\\u12\"",
                "\"\\u12g4\"",
                "\"\\ud800\"",
                "\"\\udc00\\ud800\"",
                "\"\n\"",
                "\"\u0000\"",
                "'a'",
                "[",
                "[1",
                "[1,",
                "[1,]",
                "[,1]",
                "[1 2]",
                "]",
                "{",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":1",
                "{\"a\":1,",
                "{\"a\":1,}",
                "{a:1}",
                "{1:1}",
                "{\"a\" 1}",
                "{\"a\":1 \"b\":2}",
                "{\"a\":1,\"a\":2}",
                "1 2",
                "[] []",
                "//",
                "\ufeff1",
                "{\"$bytes\":\"0\"}",
                "{\"$bytes\":\"zz\"}",
                "\u00a01"
            })
    void malformed_text_is_refused(String text) {
        assertThatThrownBy(() -> Json.parse(text)).isInstanceOf(MalformedException.class);
    }

    @Test
    void arbitrary_text_is_read_or_refused_and_nothing_else() {
        String alphabet = "[]{}:,\"\\u0123456789.eE+-truefalsn $bytes\n\ud83d\ude00";
        Seeds.each(
                20_000,
                random -> {
                    StringBuilder text = new StringBuilder();
                    for (int i = random.nextInt(12); i > 0; i--) {
                        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
                    }
                    Value value;
                    try {
                        value = Json.parse(text.toString());
                    } catch (MalformedException e) {
                        return;
                    }
                    assertThat(Json.parse(Json.print(value))).isEqualTo(value);
                });
    }

    @Test
    void numbers_are_64_bit_integers_where_they_are_written_as_one_and_fit() {
        assertThat(Json.parse("9223372036854775807")).isEqualTo(Value.of(Long.MAX_VALUE));
        assertThat(Json.parse("-9223372036854775808")).isEqualTo(Value.of(Long.MIN_VALUE));
        assertThat(Json.parse("9223372036854775808")).isEqualTo(Value.number(0x1p63));
        assertThat(Json.parse("1.0")).isEqualTo(Value.of(1));
        assertThat(Json.parse("1e2")).isEqualTo(Value.of(100));
        assertThat(Json.parse("-0")).isEqualTo(Value.of(0));
        assertThat(Json.parse("-0.0")).isEqualTo(Value.of(0));
    }

    @Test
    void every_escape_is_understood() {
        assertThat(Json.parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\""))
                .isEqualTo(Value.of("\"\\/\b\f\n\r\té😀"));
        assertThat(Json.print(Value.of("\u0000\u001f\u007f\"\\")))
                .isEqualTo("\"\\u0000\\u001f\u007f\\\"\\\\\"");
    }

    @Test
    void white_space_may_stand_between_tokens() {
        assertThat(Json.parse(" \t\r\n{ \"a\" : [ 1 , 2 ] , \"b\" : { } } "))
                .isEqualTo(
                        new Value.Map(
                                Map.of(
                                        "a",
                                        Value.array(Value.of(1), Value.of(2)),
                                        "b",
                                        Value.Map.EMPTY)));
    }

    @Test
    void a_byte_string_travels_as_hexadecimal() {
        assertThat(Json.print(Value.of(Bytes.fromHex("00ff")))).isEqualTo("{\"$bytes\":\"00ff\"}");
        assertThat(Json.parse("{\"$bytes\":\"00FF\"}")).isEqualTo(Value.of(Bytes.fromHex("00ff")));
        assertThat(Json.parse("{\"$bytes\":1}")).isInstanceOf(Value.Map.class);
    }

    @Test
    void a_map_that_looks_like_a_byte_string_stays_a_map() {
        for (String name : List.of("$bytes", "$$bytes", "$$$bytes", "$", "$$", "x$bytes")) {
            for (Value field : List.of(Value.of("text"), Value.of("00ff"), Value.of(1))) {
                Value map = new Value.Map(Map.of(name, field));
                assertThat(Json.parse(Json.print(map))).as(name).isEqualTo(map);
            }
        }
        assertThat(Json.print(new Value.Map(Map.of("$bytes", Value.of("text")))))
                .isEqualTo("{\"$$bytes\":\"text\"}");
        Value two = Json.parse("{\"$bytes\":\"text\",\"a\":1}");
        assertThat(Json.print(two)).isEqualTo("{\"a\":1,\"$bytes\":\"text\"}");
    }

    @Test
    void nesting_is_taken_up_to_the_limit_and_not_beyond() {
        int most = Limits.NESTING - 1;
        assertThat(Json.parse("[".repeat(most) + "1" + "]".repeat(most))).isNotNull();
        assertThatThrownBy(() -> Json.parse("[".repeat(most + 1) + "1" + "]".repeat(most + 1)))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> Json.parse("[".repeat(1_000_000)))
                .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> Json.parse("{\"a\":".repeat(1_000_000)))
                .isInstanceOf(MalformedException.class);
    }

    /** A node would have answered with what it does not take back. */
    @Test
    void the_deepest_value_may_be_a_byte_string() {
        Value value = Value.of(Bytes.fromHex("00ff"));
        for (int depth = 1; depth < Limits.NESTING; depth++) value = Value.array(value);
        assertThat(CborReader.decode(CborWriter.encode(value))).isEqualTo(value);
        assertThat(Json.parse(Json.print(value))).isEqualTo(value);
        String deeper = "[" + Json.print(value) + "]";
        assertThatThrownBy(() -> Json.parse(deeper)).isInstanceOf(MalformedException.class);
    }

    /** Digits of other scripts have the same values, and are none in JSON. */
    @Test
    void hexadecimal_is_written_in_ascii() {
        for (String text :
                new String[] {
                    "\"\\u\uff10041\"", "\"\\u004\u0661\"", "{\"$bytes\":\"\uff10\uff11\"}"
                })
            assertThatThrownBy(() -> Json.parse(text)).isInstanceOf(MalformedException.class);
        assertThat(Bytes.fromHex("09afAF")).isEqualTo(Bytes.wrap(new byte[] {9, -81, -81}));
        assertThatThrownBy(() -> Bytes.fromHex("0g")).isInstanceOf(MalformedException.class);
    }

    /** Others refuse it: such a text has no encoding at all. */
    @Test
    void a_pair_is_escaped_whole_or_not_at_all() {
        char high = (char) 0xd83d;
        char low = (char) 0xde00;
        Value smile = Value.of("" + high + low);
        assertThat(Json.parse("\"" + high + low + "\"")).isEqualTo(smile);
        assertThat(Json.parse("\"\\uD83D\\uDE00\"")).isEqualTo(smile);
        for (String text : new String[] {"\"\\uD83D" + low + "\"", "\"" + high + "\\uDE00\""})
            assertThatThrownBy(() -> Json.parse(text)).isInstanceOf(MalformedException.class);
    }

    @Test
    void a_fault_names_its_place_and_not_the_content() {
        assertThatThrownBy(() -> Json.parse("{\"secret\": tru}"))
                .hasMessageContaining("11")
                .hasMessageNotContaining("secret");
    }
}
