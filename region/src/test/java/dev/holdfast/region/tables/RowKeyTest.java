package dev.holdfast.region.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.MalformedException;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.node.settings.SettingsException;
import dev.holdfast.node.settings.SettingsFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RowKeyTest {
    @Test
    void a_plain_key_is_its_own_id() {
        assertThat(new RowKey(List.of("SKU-1")).id()).isEqualTo("SKU-1");
        assertThat(new RowKey(List.of("7", "Ä b")).id()).isEqualTo("7,Ä b");
        assertThat(new DocumentId("public.stock", new RowKey(List.of("")).id()).id())
                .isEqualTo("\\e");
    }

    @Test
    void each_key_has_one_id_and_each_id_one_key() {
        Random random = new Random(1);
        Map<String, RowKey> byId = new HashMap<>();
        String characters = "ae,\\u0001\n\u007f0é\"";
        for (int i = 0; i < 50_000; i++) {
            List<String> parts = new ArrayList<>();
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                StringBuilder part = new StringBuilder();
                for (int length = random.nextInt(5); length > 0; length--)
                    part.append(characters.charAt(random.nextInt(characters.length())));
                parts.add(part.toString());
            }
            RowKey key = new RowKey(parts);
            assertThat(RowKey.of(key.id(), parts.size())).isEqualTo(key);
            RowKey other = byId.put(key.id(), key);
            if (other != null) assertThat(other).isEqualTo(key);
            assertThat(key.id().chars().noneMatch(c -> c < 0x20 || c == 0x7f)).isTrue();
        }
    }

    @Test
    void what_is_no_key_or_has_another_form_is_refused() {
        for (String id :
                List.of("a,b", "\\", "a\\", "\\x", "\\u0041", "\\u00", "\\uzzzz", "a\\e", ""))
            assertThatThrownBy(() -> RowKey.of(id, 1))
                    .as(id)
                    .isInstanceOf(MalformedException.class);
        assertThatThrownBy(() -> RowKey.of("a", 2)).isInstanceOf(MalformedException.class);
    }

    @Test
    void settings_name_what_is_wrong_with_a_table() {
        assertThat(SettingsFile.parse("name: public.stock", "t.yaml", TableSettings.class))
                .isEqualTo(
                        new TableSettings(
                                "public.stock", "tables", TableSettings.OnDelete.UPDATE_WINS));
        refused("name: stock", "name is schema.table, such as public.stock");
        refused("name: a.b.c", "name is schema.table");
        refused("{name: a.b, scope: 'a b'}", "scope is 1 to 128");
        refused("{name: a.b, on-delete: both}", "one of update-wins, delete-wins");
        refused("{name: a.b, on-delet: update-wins}", "did you mean \"on-delete\"?");
    }

    private static void refused(String yaml, String words) {
        assertThatThrownBy(() -> SettingsFile.parse(yaml, "t.yaml", TableSettings.class))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(words);
    }
}
