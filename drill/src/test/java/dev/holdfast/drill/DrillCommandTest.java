package dev.holdfast.drill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.drill.rings.Drill;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DrillCommandTest {
    private final StringWriter err = new StringWriter();

    @TempDir Path folder;

    @Test
    void a_report_that_cannot_be_written_is_refused_before_anything_is_started() {
        for (String drill : drills()) {
            String file = folder.resolve("none").resolve("x.html").toString();
            assertThat(run("drill", drill, "--report", file)).isEqualTo(1);
            assertThat(err.toString())
                    .contains("the report cannot be written", file, "there is no such folder")
                    .doesNotContain("Seed");
        }
    }

    @Test
    void all_refuses_a_folder_that_it_cannot_make() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");
        assertThat(run("drill", "all", "--report", file.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("it is a file").doesNotContain("Drill 1 of");
    }

    @Test
    void all_lays_out_a_page_for_every_drill_and_refuses_what_it_cannot_write() throws Exception {
        Files.createDirectory(folder.resolve("index.html"));
        assertThat(run("drill", "all", "--report", folder.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("it is a folder").doesNotContain("Drill 1 of");
        assertThat(drills())
                .isNotEmpty()
                .allSatisfy(drill -> {
                    Path page = folder.resolve(drill + ".html");
                    assertThat(Files.readString(page)).contains("It has not ended");
                });
    }

    private static List<String> drills() {
        return DrillCommand.line().getSubcommands().values().stream()
                .filter(line -> line.getCommand() instanceof Drill)
                .map(CommandLine::getCommandName)
                .toList();
    }

    private int run(String... arguments) {
        return Main.commandLine().setErr(new PrintWriter(err, true)).execute(arguments);
    }
}
