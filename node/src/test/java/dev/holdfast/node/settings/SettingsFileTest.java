package dev.holdfast.node.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsFileTest {
    enum Level {
        EDGE,
        APPLIED,
        ALL_OF_IT
    }

    record Listen(@Default("0.0.0.0") String host, int port) {
        Listen {
            if (port < 0 || port > 65_535)
                throw new IllegalArgumentException("a port is 0 to 65535");
        }
    }

    record Settings(
            String name,
            Path data,
            Listen listen,
            @Default("30s") Duration probeInterval,
            @Default("64MiB") ByteSize maxStore,
            @Default("") List<URI> regions,
            @Default("applied") Level retainUntil,
            @Default("false") boolean quiet,
            @Default("") Map<String, Listen> others,
            Optional<Integer> maxRequests,
            @Default("0.5") double share) {}

    private static final String LEAST =
            "name: edge-1\ndata: /var/lib/holdfast\nlisten:\n  port: 8443\n";

    @Test
    void what_is_not_said_has_its_default() {
        Settings settings = SettingsFile.parse(LEAST, "edge.yaml", Settings.class);
        assertThat(settings)
                .isEqualTo(
                        new Settings(
                                "edge-1",
                                Path.of("/var/lib/holdfast"),
                                new Listen("0.0.0.0", 8443),
                                Duration.ofSeconds(30),
                                ByteSize.ofMiB(64),
                                List.of(),
                                Level.APPLIED,
                                false,
                                Map.of(),
                                Optional.empty(),
                                0.5));
    }

    @Test
    void every_kind_of_value_is_read() {
        Settings settings =
                SettingsFile.parse(
                        LEAST
                                + "probe-interval: 1h30m\n"
                                + "max-store: 2 GB\n"
                                + "regions: [https://a:1, \"https://b:2\"]\n"
                                + "retain-until: all-of-it\n"
                                + "quiet: true\n"
                                + "others:\n"
                                + "  one: {port: 1}\n"
                                + "max-requests: 1_000\n"
                                + "share: 0.25\n",
                        "edge.yaml",
                        Settings.class);
        assertThat(settings.probeInterval()).isEqualTo(Duration.ofMinutes(90));
        assertThat(settings.maxStore().bytes()).isEqualTo(2_000_000_000L);
        assertThat(settings.regions())
                .containsExactly(URI.create("https://a:1"), URI.create("https://b:2"));
        assertThat(settings.retainUntil()).isEqualTo(Level.ALL_OF_IT);
        assertThat(settings.quiet()).isTrue();
        assertThat(settings.others()).containsOnly(Map.entry("one", new Listen("0.0.0.0", 1)));
        assertThat(settings.maxRequests()).hasValue(1000);
        assertThat(settings.share()).isEqualTo(0.25);
    }

    @Test
    void every_mistake_is_named_at_once_with_its_line() {
        String yaml =
                """
                nmae: edge-1
                data: [a]
                listen:
                  prot: 8443
                probe-interval: soon
                max-store: lots
                retain-until: aplied
                quiet: yes
                regions: https://a
                maxRequests: 5
                xyzzyplugh: 1
                """;
        assertThat(problems(yaml))
                .containsExactlyInAnyOrder(
                        "edge.yaml:1: unknown setting \"nmae\": did you mean \"name\"?",
                        "edge.yaml:1: \"name\" is missing",
                        "edge.yaml:2: \"data\" is a list where one value belongs",
                        "edge.yaml:4: unknown setting \"listen.prot\": did you mean \"port\"?",
                        "edge.yaml:4: \"listen.port\" is missing",
                        "edge.yaml:5: \"probe-interval\" is \"soon\" but must be a duration such as"
                                + " 250ms, 30s, 5m, 12h or 7d",
                        "edge.yaml:6: \"max-store\" is \"lots\" but must be a size such as 512KiB,"
                                + " 64MiB or 2GB",
                        "edge.yaml:7: \"retain-until\" is \"aplied\" but must be one of edge,"
                                + " applied, all-of-it",
                        "edge.yaml:8: \"quiet\" is \"yes\" but must be true or false",
                        "edge.yaml:9: \"regions\" must be a list: [a, b] or lines that begin with"
                                + " \"- \"",
                        "edge.yaml:10: unknown setting \"maxRequests\": did you mean"
                                + " \"max-requests\"?",
                        "edge.yaml:11: unknown setting \"xyzzyplugh\"; known here: name, data,"
                                + " listen, probe-interval, max-store, regions, retain-until, quiet,"
                                + " others, max-requests, share");
    }

    @Test
    void a_record_that_refuses_its_values_is_named() {
        assertThat(problems("name: a\ndata: b\nlisten:\n  port: 70000\n"))
                .containsExactly("edge.yaml:4: \"listen\": a port is 0 to 65535");
    }

    @Test
    void what_only_the_whole_shows_is_told_where_it_stands() {
        String yaml =
                LEAST + "regions:\n  - https://a:1\n  - https://b:2\nothers:\n  one: {port: 1}\n";
        int line = (int) LEAST.lines().count();
        assertThatThrownBy(() ->
                        SettingsFile.parse(
                                yaml,
                                "edge.yaml",
                                Settings.class,
                                (settings, mistakes) -> {
                                    mistakes.at(List.of("regions", "1"), "b is gone");
                                    mistakes.at(List.of("others", "one", "port"), "taken");
                                    mistakes.at(List.of("others", "two"), "not there");
                                    return settings;
                                }))
                .hasMessage(
                        "edge.yaml:%d: b is gone\nedge.yaml:%d: taken\nedge.yaml:%d: not there"
                                .formatted(line + 3, line + 5, line + 5));
        assertThat(
                        SettingsFile.<Settings, String>parse(
                                yaml,
                                "edge.yaml",
                                Settings.class,
                                (settings, _) -> settings.name()))
                .isEqualTo("edge-1");
    }

    @Test
    void a_key_that_stands_twice_and_what_is_no_yaml_are_named() {
        assertThat(problems(LEAST + "name: b\n"))
                .containsExactly("edge.yaml:5: \"name\" stands here a second time");
        assertThat(problems("name: [a\n"))
                .singleElement()
                .asString()
                .startsWith("edge.yaml:")
                .contains("not YAML");
        assertThat(problems("just words"))
                .singleElement()
                .asString()
                .contains("must be a group of settings");
        assertThat(problems("")).hasSize(3);
    }

    @Test
    void durations_and_sizes_are_read_strictly() {
        for (String text : List.of("", "5", "s", "5 parsecs", "-5s", "5s!", "s5")) {
            assertThatThrownBy(() -> Durations.parse(text))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(Durations.parse("1d 2h")).isEqualTo(Duration.ofHours(26));
        assertThat(Durations.parse("250ms")).isEqualTo(Duration.ofMillis(250));
        for (String text : List.of("", "MiB", "-1", "5 XB", "9999999TiB99")) {
            assertThatThrownBy(() -> ByteSize.parse(text))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> ByteSize.parse("999999999999TiB"))
                .isInstanceOf(IllegalArgumentException.class);
        for (long bytes : new long[] {0, 1, 1023, 1024, 1 << 20, 3L << 40, 1_000_001}) {
            assertThat(ByteSize.parse(new ByteSize(bytes).toString()).bytes()).isEqualTo(bytes);
        }
    }

    @Test
    void any_damage_to_a_file_is_told_in_problems_and_never_otherwise() {
        String whole =
                LEAST + "probe-interval: 5s\nregions: [https://a:1]\nothers:\n  one: {port: 1}\n";
        for (int seed = 0; seed < 3000; seed++) {
            Random random = new Random(seed);
            StringBuilder damaged = new StringBuilder(whole);
            for (int i = 0; i <= random.nextInt(4); i++) {
                int at = random.nextInt(damaged.length());
                switch (random.nextInt(3)) {
                    case 0 -> damaged.deleteCharAt(at);
                    case 1 -> damaged.setCharAt(at, (char) random.nextInt(0x180));
                    default ->
                            damaged.insert(at, ":-[]{}\n \t&*!%@`\"'#".charAt(random.nextInt(18)));
                }
            }
            try {
                assertThat(SettingsFile.parse(damaged.toString(), "edge.yaml", Settings.class))
                        .isNotNull();
            } catch (SettingsException e) {
                assertThat(e.problems())
                        .as("seed " + seed)
                        .isNotEmpty()
                        .allMatch(problem -> problem.matches("edge\\.yaml:-?\\d+: .+"));
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + "\n" + damaged, e);
            }
        }
    }

    @Test
    void a_file_that_is_missing_or_no_text_is_named(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("edge.yaml");
        assertThatThrownBy(() -> SettingsFile.load(file, Settings.class))
                .hasMessage(file + ": there is no such file");
        Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe});
        assertThatThrownBy(() -> SettingsFile.load(file, Settings.class))
                .hasMessageContaining("not UTF-8");
        Files.write(file, LEAST.getBytes(StandardCharsets.UTF_8));
        assertThat(SettingsFile.load(file, Settings.class).name()).isEqualTo("edge-1");
    }

    private static List<String> problems(String yaml) {
        SettingsException refused =
                catchThrowableOfType(
                        SettingsException.class,
                        () -> SettingsFile.parse(yaml, "edge.yaml", Settings.class));
        assertThat(refused).isNotNull();
        return refused.problems();
    }
}
