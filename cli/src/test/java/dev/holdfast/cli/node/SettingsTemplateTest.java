package dev.holdfast.cli.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.cli.Ran;
import dev.holdfast.cli.output.Failure;
import dev.holdfast.edge.EdgeSettings;
import dev.holdfast.node.settings.SettingsFile;
import dev.holdfast.region.RegionSettings;
import dev.holdfast.steer.SteerSettings;
import dev.holdfast.steer.zone.Zones;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SettingsTemplateTest {
    @TempDir Path folder;

    @Test
    void an_edge_starts_from_what_init_wrote() {
        Path file = folder.resolve("edge.yaml");
        Ran ran =
                Ran.holdfast(
                        "edge",
                        "init",
                        file,
                        "--keys",
                        "k",
                        "--data",
                        "d",
                        "--port",
                        "1234",
                        "--region",
                        "https://sg.example:8443");
        assertThat(ran.code()).isZero();
        assertThat(ran.out()).contains("Next: holdfast edge " + file);
        EdgeSettings settings = SettingsFile.load(file, EdgeSettings.class);
        assertThat(settings.http().port()).isEqualTo(1234);
        assertThat(settings.tls().certificate()).isEqualTo(Path.of("k/node.pem"));
        assertThat(settings.regions()).containsExactly(URI.create("https://sg.example:8443"));
    }

    @Test
    void a_node_has_its_files_name_unless_told_otherwise() {
        Path file = folder.resolve("edge-2.yaml");
        assertThat(Ran.holdfast("edge", "init", file).code()).isZero();
        EdgeSettings settings = SettingsFile.load(file, EdgeSettings.class);
        assertThat(settings.grant()).isEqualTo(Path.of("data/keys/nodes/edge-2/grant"));
        assertThat(settings.data()).isEqualTo(Path.of("data/edges/edge-2"));
    }

    @Test
    void a_steer_starts_from_what_init_wrote_and_so_does_its_zone() {
        Path file = folder.resolve("steer-1.yaml");
        Path zones = folder.resolve("zones.yaml");
        Ran ran =
                Ran.holdfast(
                        "steer",
                        "init",
                        file,
                        "--zones",
                        zones,
                        "--zone",
                        "geo.example",
                        "--peer",
                        "steer-2=https://10.0.0.6:8453",
                        "--line",
                        "inside");
        assertThat(ran.code()).isZero();
        SteerSettings settings = SettingsFile.load(file, SteerSettings.class);
        assertThat(settings.peers())
                .containsExactly(Map.entry("steer-2", URI.create("https://10.0.0.6:8453")));
        assertThat(settings.line()).isEqualTo("inside");
        assertThat(Zones.load(settings.zones(), 1).pools()).containsOnlyKeys("regions");
    }

    @Test
    void what_stands_there_is_the_same_as_the_defaults_in_the_code() throws IOException {
        Path file = folder.resolve("edge.yaml");
        Ran.holdfast("edge", "init", file);
        EdgeSettings written = SettingsFile.load(file, EdgeSettings.class);
        EdgeSettings shown = SettingsFile.parse(uncommented(file), "shown", EdgeSettings.class);
        assertThat(shown.maxStore()).isEqualTo(written.maxStore());
        assertThat(shown.retainUntil()).isEqualTo(written.retainUntil());
        assertThat(shown.http()).isEqualTo(written.http());

        Path other = folder.resolve("region.yaml");
        Ran.holdfast("region", "init", other);
        RegionSettings region = SettingsFile.load(other, RegionSettings.class);
        RegionSettings all = SettingsFile.parse(uncommented(other), "shown", RegionSettings.class);
        assertThat(all.freeDisk()).isEqualTo(region.freeDisk());
        assertThat(all.workers()).isEqualTo(region.workers());
        assertThat(all.home()).isEqualTo(region.home());
        assertThat(all.http()).isEqualTo(region.http());
        assertThat(all.database().connections()).isEqualTo(region.database().connections());
        assertThat(all.database().user()).isEqualTo(region.database().user());
        assertThat(all.mirror().copies()).isEqualTo(region.mirror().copies());
        assertThat(all.log().shards()).isEqualTo(region.log().shards());
        assertThat(all.log().retention()).isEqualTo(region.log().retention());
    }

    @Test
    void settings_are_never_overwritten() throws IOException {
        Path file = Files.writeString(folder.resolve("edge.yaml"), "mine");
        Ran ran = Ran.holdfast("edge", "init", file);
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("already", "never overwritten");
        assertThat(file).hasContent("mine");
    }

    @Test
    void a_value_that_means_something_in_yaml_is_refused() {
        assertThatThrownBy(() -> SettingsTemplate.EDGE.filled(Map.of("data", "a: b")))
                .isInstanceOf(Failure.class);
    }

    @Test
    void settings_with_a_mistake_are_told_with_line_and_remedy() throws IOException {
        Path file = Files.writeString(folder.resolve("edge.yaml"), "dta: x\n");
        Ran ran = Ran.holdfast("edge", file);
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err())
                .contains("edge.yaml:1", "did you mean \"data\"?", "holdfast edge init FILE");
    }

    @Test
    void keys_that_are_missing_are_told_in_three_lines() {
        Path file = folder.resolve("edge.yaml");
        Ran.holdfast("edge", "init", file, "--keys", folder.resolve("none"));
        Ran ran = Ran.holdfast("edge", file);
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("holdfast: ", "why: ", "try: ");
    }

    /** The file with every setting that is commented out put in force. */
    private static String uncommented(Path file) throws IOException {
        return Files.readString(file)
                .lines()
                .map(line -> line.replaceFirst("^( *)# (?=[a-z-]+: \\S+$)", "$1"))
                .filter(line -> !line.startsWith("#"))
                .collect(Collectors.joining("\n"));
    }
}
