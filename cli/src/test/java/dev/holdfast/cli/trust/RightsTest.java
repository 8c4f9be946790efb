package dev.holdfast.cli.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.MalformedException;
import dev.holdfast.core.operation.Grant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RightsTest {
    @Test
    void a_right_names_a_scope_and_what_may_be_done() {
        assertThat(Rights.parse("clinic-7:read,write=patients+vitals"))
                .isEqualTo(new Grant.Right("clinic-7", true, List.of("patients", "vitals")));
        assertThat(Rights.parse("*:read,write=*")).isEqualTo(Rights.ALL);
    }

    @Test
    void a_scope_may_hold_colons() {
        assertThat(Rights.parse("ke:clinic:7:read"))
                .isEqualTo(new Grant.Right("ke:clinic:7", true, List.of()));
        assertThat(Rights.parse("read:read").scope()).isEqualTo("read");
    }

    @ParameterizedTest
    @ValueSource(strings = {"clinic-7:read", "clinic-7:write=a+b", "x:y:read,write=*"})
    void what_is_printed_is_read_back(String text) {
        assertThat(Rights.text(Rights.parse(text))).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "clinic-7",
                "clinic-7:",
                ":read",
                "clinic-7:reed",
                "clinic-7:write=",
                "clinic-7:write=a+",
                "clinic 7:read",
                "clinic-7:read,"
            })
    void what_is_no_right_is_refused_with_the_form_of_one(String text) {
        assertThatThrownBy(() -> Rights.parse(text)).isInstanceOf(MalformedException.class);
    }
}
