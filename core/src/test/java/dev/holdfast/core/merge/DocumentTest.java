package dev.holdfast.core.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DocumentTest {
    private static final String A =
            "84616100408185" + "5000000000000000000000000000000001" + "010000f6";
    private static final String B =
            "84616200408185" + "5000000000000000000000000000000001" + "010000f6";
    private static final String ENTRY_1 = "855000000000000000000000000000000001" + "010000f6";
    private static final String ENTRY_2 = "855000000000000000000000000000000001" + "020000f6";

    @Test
    void a_state_in_its_one_form_comes_back() {
        for (String hex : new String[] {"80", "81" + A, "82" + A + B, key(ENTRY_1 + ENTRY_2)}) {
            Bytes encoded = Bytes.fromHex(hex);
            assertThat(Document.decode(encoded).encoded()).isEqualTo(encoded);
        }
    }

    /** Equal states have equal bytes: what is in another order is no state. */
    @ParameterizedTest
    @ValueSource(strings = {"82" + B + A, "82" + A + A, "81846161004080"})
    void keys_out_of_order_or_twice_or_with_nothing_are_refused(String hex) {
        assertThatThrownBy(() -> Document.decode(Bytes.fromHex(hex)))
                .isInstanceOf(MalformedException.class);
    }

    @Test
    void entries_out_of_order_or_twice_are_refused() {
        for (String entries : new String[] {ENTRY_2 + ENTRY_1, ENTRY_1 + ENTRY_1})
            assertThatThrownBy(() -> Document.decode(Bytes.fromHex(key(entries))))
                    .isInstanceOf(MalformedException.class);
    }

    private static String key(String twoEntries) {
        return "818461610040" + "82" + twoEntries;
    }
}
