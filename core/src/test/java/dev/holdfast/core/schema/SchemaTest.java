package dev.holdfast.core.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.MalformedException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SchemaTest {
    @Test
    void a_schema_says_kinds_policies_deletes_and_indexes() {
        Schema schema =
                Schema.parse(
                        """
                        {"patients": {"fields": {"name": {"show": "manual"}, "visits": {"kind": "counter"}, "tags": {"kind": "set"}},
                                      "on-delete": "delete-wins", "indexes": ["name", "address.city"]}}\
                        """);
        Schema.Collection patients = schema.collection("patients");
        assertThat(patients.field("name"))
                .isEqualTo(new Schema.Field(Schema.Kind.REGISTER, Schema.Show.MANUAL));
        assertThat(patients.field("visits").kind()).isEqualTo(Schema.Kind.COUNTER);
        assertThat(patients.field("tags").kind()).isEqualTo(Schema.Kind.SET);
        assertThat(patients.field("anything")).isEqualTo(Schema.Field.DEFAULT);
        assertThat(patients.deleteWins()).isTrue();
        assertThat(patients.indexes()).isEqualTo(List.of("name", "address.city"));
        assertThat(schema.collection("unknown")).isEqualTo(Schema.Collection.DEFAULT);
        assertThat(Schema.parse("{}")).isEqualTo(new Schema(Map.of()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{\"p\":1}",
                "{\"p\":{\"feilds\":{}}}",
                "{\"p\":{\"fields\":[]}}",
                "{\"p\":{\"fields\":{\"a\":{\"kind\":\"conter\"}}}}",
                "{\"p\":{\"fields\":{\"a\":{\"show\":\"last\"}}}}",
                "{\"p\":{\"fields\":{\"a\":{\"other\":1}}}}",
                "{\"p\":{\"fields\":{\"a..b\":{}}}}",
                "{\"p\":{\"on-delete\":\"never\"}}",
                "{\"p\":{\"indexes\":\"a\"}}",
                "{\"p\":{\"indexes\":[1]}}",
                "{\"p\":{\"indexes\":[\".\"]}}",
                "{"
            })
    void what_is_not_understood_is_an_error(String json) {
        assertThatThrownBy(() -> Schema.parse(json)).isInstanceOf(MalformedException.class);
    }

    @Test
    void an_error_says_where() {
        assertThatThrownBy(() -> Schema.parse("{\"p\":{\"fields\":{\"a\":{\"kind\":\"conter\"}}}}"))
                .hasMessageContaining("p.a")
                .hasMessageContaining("register, counter, set");
    }
}
