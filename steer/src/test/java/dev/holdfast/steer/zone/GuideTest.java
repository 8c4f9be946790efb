package dev.holdfast.steer.zone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class GuideTest {
    private static final Path GUIDE = Path.of("../docs/STEER.md");
    private static final Pattern EXAMPLE =
            Pattern.compile("^( *)```yaml\n(.*?)^\\1```$", Pattern.MULTILINE | Pattern.DOTALL);

    @Test
    void the_zones_files_of_the_guide_are_right() throws IOException {
        Matcher examples = EXAMPLE.matcher(Files.readString(GUIDE));
        List<String> files =
                examples.results()
                        .map(example ->
                                Objects.requireNonNull(example.group(2))
                                        .stripTrailing()
                                        .stripIndent())
                        .filter(text -> text.lines().anyMatch("zones:"::equals))
                        // What another section shows.
                        .map(text ->
                                text.replace("{…}", "{endpoints: {a: {addresses: [10.0.0.1]}}}"))
                        .toList();
        assertThat(files).hasSizeGreaterThanOrEqualTo(2);
        for (String file : files) assertThat(Zones.parse(file, "STEER.md", 1).zones()).isNotEmpty();
    }
}
