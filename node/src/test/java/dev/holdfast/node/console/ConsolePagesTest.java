package dev.holdfast.node.console;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsolePagesTest {
    @TempDir Path folder;

    @Test
    void they_stand_alone_or_name_other_nodes() throws IOException {
        assertThatCode(() -> ConsolePages.load(folder)).doesNotThrowAnyException();
        name("{\"nodes\":[{\"name\":\"a\",\"address\":\"https://a.example:7700\"}]}");
        assertThatCode(() -> ConsolePages.load(folder)).doesNotThrowAnyException();
    }

    /** Each of these would let the pages ask somebody else, or break their policy. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://a.example",
                "https://a.example; script-src *",
                "https://a.example 'unsafe-inline'",
                "https://*",
                "https://a.example/x",
                "https:",
                "*",
                ""
            })
    void a_node_is_at_an_address_and_nothing_else(String address) throws IOException {
        for (String text :
                List.of(
                        "{\"nodes\":[{\"address\":\"" + address + "\"}]}",
                        "{\"nodes\":[],\"switches\":\"" + address + "\"}")) {
            name(text);
            assertThatThrownBy(() -> ConsolePages.load(folder))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("console.json");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{\"nodes\":{}}", "{\"nodes\"", "nodes: []"})
    void a_file_of_another_form_is_refused(String text) throws IOException {
        name(text);
        assertThatThrownBy(() -> ConsolePages.load(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("console.json");
    }

    private void name(String text) throws IOException {
        Files.writeString(folder.resolve(ConsolePages.NODES), text);
    }
}
