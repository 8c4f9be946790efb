package dev.holdfast.node.settings;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a YAML file says, with the line each part stands on; scalars stay text, as they were
 * written.
 */
sealed interface Tree {
    int MAX_DEPTH = 20;

    int line();

    /** The line of what {@code path} leads to, or of the last part of it that there is. */
    default int lineOf(List<String> path) {
        Tree at = this;
        for (String step : path) {
            Tree next =
                    switch (at) {
                        case Mapping mapping -> mapping.entries().get(step);
                        case Sequence sequence -> sequence.item(step);
                        case Scalar _, Nothing _ -> null;
                    };
            if (next == null) break;
            at = next;
        }
        return at.line();
    }

    record Scalar(String text, int line) implements Tree {}

    record Sequence(List<Tree> items, int line) implements Tree {
        private @Nullable Tree item(String number) {
            int index = number.chars().allMatch(Character::isDigit) ? Integer.parseInt(number) : -1;
            return index >= 0 && index < items.size() ? items.get(index) : null;
        }
    }

    record Mapping(Map<String, Tree> entries, int line) implements Tree {}

    /** {@code key:} with nothing behind it. */
    record Nothing(int line) implements Tree {}

    /**
     * Reads {@code yaml}; keys that stand twice, and what is no YAML, are added to {@code
     * problems}.
     */
    static Tree parse(String yaml, Problems problems) {
        try (JsonParser parser = new YAMLFactory().createParser(yaml)) {
            if (parser.nextToken() == null) return new Mapping(Map.of(), 1);
            Tree tree = read(parser, problems, 0);
            if (parser.nextToken() != null) {
                problems.add(line(parser), "a second document; one file holds one");
            }
            return tree;
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            problems.add(line, "this is not YAML: " + firstLine(e.getOriginalMessage()));
        } catch (IOException e) {
            problems.add(1, "cannot be read: " + e.getMessage());
        }
        return new Mapping(Map.of(), 1);
    }

    private static Tree read(JsonParser parser, Problems problems, int depth) throws IOException {
        int line = line(parser);
        if (depth > MAX_DEPTH) {
            problems.add(line, "nested deeper than " + MAX_DEPTH);
            parser.skipChildren();
            return new Nothing(line);
        }
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT) {
            Map<String, Tree> entries = new LinkedHashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String key = parser.currentName();
                int at = line(parser);
                parser.nextToken();
                Tree value = read(parser, problems, depth + 1);
                if (entries.put(key, value) != null)
                    problems.add(at, "\"" + key + "\" stands here a second time");
            }
            return new Mapping(entries, line);
        }
        if (token == JsonToken.START_ARRAY) {
            List<Tree> items = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY)
                items.add(read(parser, problems, depth + 1));
            return new Sequence(items, line);
        }
        return token == JsonToken.VALUE_NULL
                ? new Nothing(line)
                : new Scalar(parser.getText(), line);
    }

    private static int line(JsonParser parser) {
        return parser.currentTokenLocation().getLineNr();
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        return end < 0 ? text : text.substring(0, end);
    }
}
