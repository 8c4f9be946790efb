package dev.holdfast.node.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.core.Bytes;
import dev.holdfast.keys.Entropy;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

class TelemetryTest {
    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    @AfterAll
    static void quietAgain() {
        Logs.start(LogFormat.TEXT, Level.WARN);
    }

    @Test
    void a_log_line_is_one_json_object_with_its_trace() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Logs.start(LogFormat.JSON, Level.INFO, out);
        Logger log = LoggerFactory.getLogger("dev.holdfast.Test");
        MDC.put("trace", "0af7651916cd43dd8448eb211c80319c");
        log.info("forwarded {} batches\nof \"clinic-7\"", 3);
        MDC.clear();
        log.error("failed", new IllegalStateException("why"));
        log.debug("not shown");
        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines).hasSize(2);
        JsonNode first = new ObjectMapper().readTree(lines.get(0));
        assertThat(first.get("message").asText()).isEqualTo("forwarded 3 batches\nof \"clinic-7\"");
        assertThat(first.get("level").asText()).isEqualTo("info");
        assertThat(first.get("logger").asText()).isEqualTo("dev.holdfast.Test");
        assertThat(first.get("trace").asText()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
        assertThat(Instant.parse(first.get("time").asText())).isNotNull();
        assertThat(new ObjectMapper().readTree(lines.get(1)).get("fault").asText())
                .contains("IllegalStateException: why");
    }

    @Test
    void a_line_for_people_says_the_trace_only_where_there_is_one() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Logs.start(LogFormat.TEXT, Level.INFO, out);
        Logger log = LoggerFactory.getLogger("dev.holdfast.Test");
        log.info("without");
        MDC.put("trace", "abc");
        log.info("with");
        MDC.clear();
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .satisfiesExactly(
                        line -> assertThat(line).endsWith("INFO  Test: without"),
                        line -> assertThat(line).endsWith("INFO  Test trace=abc: with"));
    }

    @Test
    void a_traceparent_is_read_and_written_back() {
        TraceParent trace = TraceParent.parse(TRACE).orElseThrow();
        assertThat(trace.header()).isEqualTo(TRACE);
        TraceParent child = trace.child(Entropy.system());
        assertThat(child.traceId()).isEqualTo(trace.traceId());
        assertThat(child.spanId()).isNotEqualTo(trace.spanId());
        assertThat(TraceParent.parse(TraceParent.begin(Entropy.system()).header())).isPresent();
        assertThat(TraceParent.begin(count -> Bytes.wrap(new byte[count])).header())
                .startsWith("00-0000");
        assertThat(TraceParent.parse("01" + TRACE.substring(2) + "-more")).isPresent();
    }

    @Test
    void a_malformed_traceparent_is_none() {
        for (String header :
                List.of(
                        "",
                        "00",
                        TRACE + "-more",
                        "ff" + TRACE.substring(2),
                        TRACE.toUpperCase(java.util.Locale.ROOT),
                        "00-" + "0".repeat(32) + "-b7ad6b7169203331-01",
                        TRACE.replace("b7ad6b7169203331", "0".repeat(16)))) {
            assertThat(TraceParent.parse(header)).as(header).isEmpty();
        }
        for (int seed = 0; seed < 5000; seed++) {
            Random random = new Random(seed);
            StringBuilder header = new StringBuilder(TRACE);
            header.setCharAt(random.nextInt(header.length()), (char) random.nextInt(256));
            TraceParent.parse(header.toString())
                    .ifPresent(trace -> assertThat(trace.traceId()).hasSize(32));
        }
    }
}
