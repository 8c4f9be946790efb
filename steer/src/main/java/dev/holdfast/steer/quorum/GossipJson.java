package dev.holdfast.steer.quorum;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.steer.health.Verdict;
import dev.holdfast.steer.pool.EndpointName;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** {@link Gossip} as JSON. */
public final class GossipJson {
    private GossipJson() {}

    public static byte[] print(Gossip gossip) {
        List<Value> reports = new ArrayList<>();
        for (Gossip.Aged aged : gossip.reports()) {
            Map<String, Object> verdicts = new TreeMap<>();
            aged.report()
                    .verdicts()
                    .forEach((name, verdict) -> verdicts.put(name.toString(), verdict(verdict)));
            reports.add(
                    Value.from(
                            Map.of(
                                    "node", aged.report().node(),
                                    "number", aged.report().number(),
                                    "line", aged.report().line(),
                                    "blind", aged.report().blind(),
                                    "age-millis", aged.age().toMillis(),
                                    "verdicts", verdicts)));
        }
        List<Value> drains = gossip.drains().stream().map(GossipJson::drain).toList();
        return Json.print(Value.from(Map.of("reports", reports, "drains", drains)))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, String> verdict(Verdict verdict) {
        return Map.of(
                "state", verdict.state().word(),
                "since", verdict.since().toString(),
                "reason", verdict.reason());
    }

    /**
     * Reads it.
     *
     * @throws MalformedException when it has another form
     */
    public static Gossip parse(Bytes json) {
        try {
            String text = new String(json.unsafeArray(), StandardCharsets.UTF_8);
            Map<String, Value> fields = fields(Json.parse(text));
            List<Gossip.Aged> reports = new ArrayList<>();
            for (Value each : items(fields, "reports")) reports.add(report(fields(each)));
            List<Drain> drains = new ArrayList<>();
            for (Value each : items(fields, "drains")) drains.add(drain(each));
            return new Gossip(reports, drains);
        } catch (DateTimeException | IllegalArgumentException | ArithmeticException e) {
            throw new MalformedException(String.valueOf(e.getMessage()));
        }
    }

    private static Gossip.Aged report(Map<String, Value> fields) {
        Map<EndpointName, Verdict> verdicts = new HashMap<>();
        for (var each : fields(field(fields, "verdicts")).entrySet()) {
            Map<String, Value> said = fields(each.getValue());
            verdicts.put(
                    EndpointName.parse(each.getKey()),
                    new Verdict(
                            Verdict.State.ofWord(text(said, "state")),
                            Instant.parse(text(said, "since")),
                            text(said, "reason")));
        }
        Report report =
                new Report(
                        text(fields, "node"),
                        number(fields, "number"),
                        text(fields, "line"),
                        flag(fields, "blind"),
                        verdicts);
        return new Gossip.Aged(
                report, Duration.ofMillis(Math.max(0, number(fields, "age-millis"))));
    }

    static Value drain(Drain drain) {
        Map<String, Object> fields = new TreeMap<>();
        fields.put("endpoint", drain.endpoint().toString());
        fields.put("out", drain.out());
        fields.put("at", drain.at().toString());
        drain.until().ifPresent(until -> fields.put("until", until.toString()));
        fields.put("who", drain.who());
        fields.put("why", drain.why());
        fields.put("stamp", drain.stamp().packed());
        fields.put("node", drain.node());
        return Value.from(fields);
    }

    /**
     * Reads one.
     *
     * @throws MalformedException or {@link DateTimeException} when it has another form
     */
    static Drain drain(Value value) {
        Map<String, Value> fields = fields(value);
        try {
            return new Drain(
                    EndpointName.parse(text(fields, "endpoint")),
                    flag(fields, "out"),
                    Instant.parse(text(fields, "at")),
                    fields.containsKey("until")
                            ? Optional.of(Instant.parse(text(fields, "until")))
                            : Optional.empty(),
                    text(fields, "who"),
                    text(fields, "why"),
                    new Hlc(number(fields, "stamp")),
                    text(fields, "node"));
        } catch (IllegalArgumentException e) {
            throw new MalformedException(String.valueOf(e.getMessage()));
        }
    }

    private static Map<String, Value> fields(Value value) {
        if (value instanceof Value.Map map) return map.fields();
        throw new MalformedException("no JSON object where one must be");
    }

    private static List<Value> items(Map<String, Value> fields, String name) {
        if (field(fields, name) instanceof Value.Array array) return array.items();
        throw new MalformedException(name + " is no list");
    }

    private static String text(Map<String, Value> fields, String name) {
        if (field(fields, name) instanceof Value.Text text) return text.value();
        throw new MalformedException(name + " is no text");
    }

    private static long number(Map<String, Value> fields, String name) {
        if (field(fields, name) instanceof Value.Int whole) return whole.value();
        throw new MalformedException(name + " is no whole number");
    }

    private static boolean flag(Map<String, Value> fields, String name) {
        if (field(fields, name) instanceof Value.Bool flag) return flag.value();
        throw new MalformedException(name + " is neither true nor false");
    }

    private static Value field(Map<String, Value> fields, String name) {
        Value value = fields.get(name);
        if (value == null) throw new MalformedException("no " + name);
        return value;
    }
}
