package dev.holdfast.node.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.core.Bytes;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * What those who run a node ask it: {@code /healthz} (does the process answer), {@code /readyz}
 * (can it do its work, and if not, why) and {@code /metrics} (Prometheus).
 */
public final class NodeEndpoints {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * One thing that the node needs to do its work.
     *
     * @param failure why it cannot now, or empty; quick, since it is asked every few seconds
     */
    public record Check(String name, Supplier<Optional<String>> failure) {}

    /** Something that people want to know beside, and that makes a node no less ready. */
    public record Fact(String name, Supplier<String> value) {}

    /**
     * How a node is.
     *
     * @param lag how far it is behind those that it follows, as far as that is known now: what
     *     makes it less fit to answer than another, and no less ready
     */
    public record State(List<Check> checks, List<Fact> facts, Supplier<Optional<Duration>> lag) {
        public State {
            checks = List.copyOf(checks);
            facts = List.copyOf(facts);
        }

        /** The same for whoever tells more beside it. */
        public Map<String, Object> told() {
            Map<String, Object> told = new TreeMap<>();
            List<Object> rows = new ArrayList<>();
            for (Check check : checks) {
                Map<String, Object> row = new TreeMap<>();
                row.put("name", check.name());
                failure(check).ifPresent(reason -> row.put("failure", reason));
                rows.add(row);
            }
            told.put("checks", rows);
            Map<String, Object> known = new TreeMap<>();
            for (Fact fact : facts) known.put(fact.name(), fact.value().get());
            told.put("facts", known);
            lag.get().ifPresent(time -> told.put("lag-seconds", time.toMillis() / 1e3));
            return told;
        }
    }

    private NodeEndpoints() {}

    public static void register(Router router, List<Check> checks, PrometheusMeterRegistry meters) {
        register(router, new State(checks, List.of(), Optional::empty), meters);
    }

    /** The same with more to say. */
    public static void register(Router router, State state, PrometheusMeterRegistry meters) {
        router.vital("GET", "/healthz", _ -> Response.text(200, "ok\n"));
        router.vital(
                "GET", "/readyz", _ -> ready(state.checks(), state.facts(), state.lag().get()));
        router.vital("GET", "/metrics", _ -> metrics(meters));
    }

    private static Response ready(List<Check> checks, List<Fact> facts, Optional<Duration> lag) {
        ObjectNode json = JSON.createObjectNode();
        ArrayNode rows = JSON.createArrayNode();
        boolean ready = true;
        for (Check check : checks) {
            Optional<String> failure = failure(check);
            ready &= failure.isEmpty();
            ObjectNode row =
                    rows.addObject().put("name", check.name()).put("ready", failure.isEmpty());
            failure.ifPresent(reason -> row.put("reason", reason));
        }
        json.put("ready", ready).set("checks", rows);
        ObjectNode known = JSON.createObjectNode();
        for (Fact fact : facts) known.put(fact.name(), fact.value().get());
        if (!facts.isEmpty()) json.set("facts", known);
        lag.ifPresent(time -> json.put("lag-seconds", time.toMillis() / 1e3));
        byte[] body = json.toString().getBytes(StandardCharsets.UTF_8);
        return Response.json(ready ? 200 : 503, body).with("Cache-Control", "no-store");
    }

    /** A check that fails to check is a failed check: the answer must come all the same. */
    private static Optional<String> failure(Check check) {
        try {
            return check.failure().get();
        } catch (RuntimeException e) {
            return Optional.of("could not be checked: " + e.getMessage());
        }
    }

    private static Response metrics(PrometheusMeterRegistry meters) {
        Bytes text = Bytes.wrap(meters.scrape().getBytes(StandardCharsets.UTF_8));
        String type = "text/plain; version=0.0.4; charset=utf-8";
        return new Response(200, Map.of(), new Response.Body.Whole(type, text));
    }
}
