package dev.holdfast.drill.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The codecs once more, led by Jazzer to the branches that nothing has reached yet. Its name keeps
 * it out of the usual run; by command, with the seconds for each codec:
 *
 * <pre>
 * mvn -pl drill -am test -Dtest=GuidedFuzz -Dsurefire.failIfNoSpecifiedTests=false -Dseconds=60
 * </pre>
 */
class GuidedFuzz {
    private static final String TARGET = "holdfast.fuzz.target";
    private static final int SAMPLES = 200;

    static Stream<CodecTarget> codecs() {
        return CodecTarget.all().stream().map(CodecTarget.class::cast);
    }

    @ParameterizedTest
    @MethodSource("codecs")
    void jazzer_finds_nothing(CodecTarget codec, @TempDir Path folder) throws Exception {
        Path corpus = Files.createDirectory(folder.resolve("corpus"));
        for (int i = 0; i < SAMPLES; i++) {
            Bytes sample = codec.sample().apply(new Samples(new Random(i)));
            Files.write(corpus.resolve("sample-" + i), sample.toArray());
        }
        Path log = folder.resolve("log");
        Process jazzer =
                new ProcessBuilder(command(codec, folder, corpus))
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        int status = jazzer.waitFor();
        List<String> said = Files.readAllLines(log);
        said.stream().filter(line -> line.startsWith("Done ")).forEach(System.out::println);
        assertThat(status).as(String.join("\n", said)).isZero();
        assertThat(said)
                .as("it was led by what is covered")
                .anyMatch(line -> line.contains(" cov: "));
    }

    private static List<String> command(CodecTarget codec, Path folder, Path corpus) {
        // Surefire's own class path is one jar that only names others.
        String real = System.getProperty("surefire.test.class.path");
        String classes = real == null ? System.getProperty("java.class.path") : real;
        return List.of(
                Path.of(Objects.requireNonNull(System.getProperty("java.home")), "bin", "java")
                        .toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-D" + TARGET + "=" + codec.name(),
                "-cp",
                Objects.requireNonNull(classes),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + Input.class.getName(),
                "--instrumentation_includes=dev.holdfast.core.**:dev.holdfast.keys.wire.**",
                "--custom_hook_includes=dev.holdfast.core.**",
                "-max_total_time=" + Integer.getInteger("seconds", 10),
                "-seed=1",
                "-artifact_prefix=" + folder + "/",
                corpus.toString());
    }

    /** What Jazzer calls in its own process. */
    public static final class Input {
        private static final CodecTarget CODEC =
                codecs().filter(codec -> codec.name().equals(System.getProperty(TARGET)))
                        .findFirst()
                        .orElseThrow();

        private Input() {}

        public static void fuzzerTestOneInput(byte[] input) {
            Bytes bytes = Bytes.copyOf(input);
            if (CODEC.judgeForm(bytes) instanceof Target.Outcome.Found found)
                throw new IllegalStateException(found.what() + ": " + bytes.hex());
        }
    }
}
