package dev.holdfast.cli.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FieldsTest {
    @Test
    void values_are_what_they_look_like() {
        assertThat(
                        Fields.parse(
                                        List.of(
                                                "name=Amina Yusuf",
                                                "age=31",
                                                "temperature=-3.5",
                                                "pregnant=false",
                                                "note=null",
                                                "address.city=Kisumu",
                                                "formula=a=b"))
                                .fields())
                .containsEntry("name", Value.of("Amina Yusuf"))
                .containsEntry("age", Value.of(31))
                .containsEntry("temperature", Value.number(-3.5))
                .containsEntry("pregnant", Value.FALSE)
                .containsEntry("note", Value.NIL)
                .containsEntry("address", new Value.Map(Map.of("city", Value.of("Kisumu"))))
                .containsEntry("formula", Value.of("a=b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0042", "12 mg", "2026-11-24", "-", "+254700", "", "１", "1e", "007.5"})
    void what_only_begins_like_a_number_is_text(String text) {
        assertThat(Fields.value(text)).isEqualTo(Value.of(text));
    }

    @Test
    void any_json_follows_a_colon_and_an_equals_sign() {
        assertThat(Fields.parse(List.of("pin:=\"42\"", "tags:=[\"a\",1]")).fields())
                .containsEntry("pin", Value.of("42"))
                .containsEntry("tags", Value.array(Value.of("a"), Value.of(1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"name", "=x", "a:={"})
    void what_is_no_field_is_refused(String typed) {
        assertThatThrownBy(() -> Fields.parse(List.of(typed)))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void paths_of_one_field_nest_together() {
        assertThat(Fields.parse(List.of("a.b=1", "a.c.d=2")))
                .isEqualTo(Json.parse("{\"a\":{\"b\":1,\"c\":{\"d\":2}}}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=1 a=2", "a.b=1 a.b=2", "a=1 a.b=2"})
    void a_field_given_twice_is_refused(String typed) {
        assertThatThrownBy(() -> Fields.parse(List.of(typed.split(" ", -1))))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("twice");
    }

    @ParameterizedTest
    @CsvSource({"Amina,Amina", "31,31", "true,true"})
    void what_is_shown_reads_as_it_was_typed(String typed, String shown) {
        assertThat(Fields.shown(Fields.value(typed))).isEqualTo(shown);
    }
}
