package dev.holdfast.steer.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ReadinessTest {
    @Test
    void a_node_that_is_ready_is_well() {
        assertThat(failure(200, "{\"ready\":true,\"checks\":[]}")).isEmpty();
    }

    @Test
    void one_that_is_not_says_why() {
        assertThat(
                        failure(
                                503,
                                "{\"ready\":false,\"checks\":[{\"name\":\"disk\",\"ready\":true},"
                                        + "{\"name\":\"database\",\"ready\":false,\"reason\":\"refused\"}]}"))
                .hasValue("it is not ready: database: refused");
    }

    @Test
    void one_that_is_too_far_behind_is_not_well() {
        assertThat(failure(200, "{\"ready\":true,\"lag-seconds\":31.5}"))
                .hasValue("it is 31 s behind, more than 30 s");
        assertThat(failure(200, "{\"ready\":true,\"lag-seconds\":30}")).isEmpty();
    }

    @Test
    void what_a_node_cannot_know_is_not_held_against_it() {
        assertThat(failure(200, "{\"ready\":true,\"lag-seconds\":null}")).isEmpty();
    }

    @Test
    void another_server_is_no_node() {
        assertThat(failure(200, "<html>")).hasValue("what it says at /readyz is no JSON");
        assertThat(failure(200, "{}")).hasValue("what it says at /readyz is not a node's word");
        assertThat(failure(404, "")).hasValue("it answers 404 at /readyz");
    }

    private static Optional<String> failure(int status, String body) {
        return Readiness.failure(new Answer(status, body), Optional.of(Duration.ofSeconds(30)));
    }
}
