package dev.holdfast.node.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ApiProblemTest {
    @Test
    void each_problem_stands_in_the_protocols_description_with_its_status() throws IOException {
        String described = Files.readString(Path.of("../docs/PROTOCOL.md"));
        for (ApiProblem problem : ApiProblem.values())
            assertThat(described)
                    .contains("| `" + problem.code() + "` | " + problem.status() + " |");
    }
}
