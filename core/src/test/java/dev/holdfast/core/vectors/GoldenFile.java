package dev.holdfast.core.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A file of vectors under {@code src/test/resources/vectors}: a JSON array with a vector on each
 * line. Run the tests with {@code -Dholdfast.vectors=write} to write the files anew, and read the
 * difference before it is committed: it is a change of the protocol.
 */
final class GoldenFile {
    private static final Path FOLDER = Path.of("src/test/resources/vectors");
    private static final boolean WRITE = "write".equals(System.getProperty("holdfast.vectors"));

    private GoldenFile() {}

    /** Holds {@code vectors} against the file {@code name}, or writes it. */
    static void mustBe(String name, List<Value> vectors) throws IOException {
        StringBuilder text = new StringBuilder("[\n");
        for (int i = 0; i < vectors.size(); i++) {
            text.append(Json.print(vectors.get(i))).append(i < vectors.size() - 1 ? ",\n" : "\n");
        }
        text.append("]\n");
        if (WRITE) Files.writeString(FOLDER.resolve(name), text);
        assertThat(Files.readString(FOLDER.resolve(name))).isEqualTo(text.toString());
    }

    /** A vector from names and values in turn. */
    static Value vector(Object... namesAndValues) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return Value.from(fields);
    }
}
