package dev.holdfast.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.codec.CborWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ValueTest {
    @Test
    void values_are_equal_exactly_when_their_encodings_are() {
        Seeds.each(
                2000,
                random -> {
                    Value a = RandomValues.value(random, 2);
                    Value b = random.nextInt(3) == 0 ? a : RandomValues.value(random, 2);
                    assertThat(a.equals(b))
                            .isEqualTo(CborWriter.encode(a).equals(CborWriter.encode(b)));
                });
    }

    @Test
    void a_whole_double_is_an_integer_since_javascript_cannot_tell_them_apart() {
        assertThat(Value.number(1.0)).isEqualTo(Value.of(1));
        assertThat(Value.number(-0.0)).isEqualTo(Value.of(0));
        assertThat(Value.number(9007199254740992.0)).isEqualTo(Value.of(1L << 53));
        assertThat(Value.number(0x1p54)).isInstanceOf(Value.Real.class);
        assertThatThrownBy(() -> new Value.Real(1.0)).isInstanceOf(MalformedException.class);
    }

    @Test
    void a_number_is_finite() {
        for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY, -1 / 0.0}) {
            assertThatThrownBy(() -> Value.number(value)).isInstanceOf(MalformedException.class);
        }
    }

    @Test
    void plain_java_becomes_a_value() {
        Value value =
                Value.from(
                        Map.of(
                                "list",
                                Arrays.asList(1, 2L, 0.5, 1.5f, null, true, "x", new byte[2])));
        assertThat(value)
                .isEqualTo(
                        new Value.Map(
                                Map.of(
                                        "list",
                                        Value.array(
                                                Value.of(1),
                                                Value.of(2),
                                                Value.number(0.5),
                                                Value.number(1.5),
                                                Value.NIL,
                                                Value.TRUE,
                                                Value.of("x"),
                                                Value.of(Bytes.wrap(new byte[2]))))));
        assertThatThrownBy(() -> Value.from(new Object())).isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> Value.from(List.of("\ud800")))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void a_value_does_not_change_with_what_it_was_made_of() {
        byte[] array = {1};
        Value value = Value.from(array);
        array[0] = 2;
        assertThat(value).isEqualTo(Value.of(Bytes.fromHex("01")));
    }

    @Test
    void bytes_order_as_unsigned_from_left_to_right() {
        assertThat(Bytes.fromHex("7f")).isLessThan(Bytes.fromHex("80"));
        assertThat(Bytes.fromHex("ff")).isLessThan(Bytes.fromHex("ff00"));
        assertThatThrownBy(() -> Bytes.fromHex("0")).isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> Bytes.fromHex("0g")).isInstanceOf(MalformedException.class);
    }
}
