package dev.holdfast.steer.health;

import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.keys.DurableFile;
import dev.holdfast.keys.KeysException;
import dev.holdfast.steer.pool.EndpointName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What was down, and how often of late, over a restart. */
final class HealthFile {
    private static final Logger LOG = LoggerFactory.getLogger(HealthFile.class);

    private final Path file;

    HealthFile(Path file) {
        this.file = file;
    }

    /**
     * What was stored last. A file that cannot be understood counts as none: all that is in it is
     * found out again within seconds, and users wait for answers meanwhile.
     *
     * @throws KeysException when it cannot be read
     */
    Map<EndpointName, EndpointHealth.Kept> load() {
        if (!Files.exists(file)) return Map.of();
        try {
            return parsed(Json.parse(Files.readString(file)));
        } catch (IOException e) {
            throw new KeysException("Cannot read " + file, e);
        } catch (MalformedException | IllegalArgumentException | DateTimeException e) {
            LOG.warn("{} is not understood, and all is judged anew: {}", file, e.getMessage());
            return Map.of();
        }
    }

    /**
     * Durable when it returns.
     *
     * @throws KeysException when that failed; what was stored before still is
     */
    void store(Map<EndpointName, EndpointHealth.Kept> kept) {
        Map<String, Object> rows = new TreeMap<>();
        kept.forEach((name, health) ->
                rows.put(
                        name.toString(),
                        Map.of(
                                "state", health.verdict().state().word(),
                                "since", health.verdict().since().toString(),
                                "reason", health.verdict().reason(),
                                "penalty", health.damping().penalty(),
                                "penalty-at", health.damping().at().toString(),
                                "held", health.damping().held())));
        byte[] text = Json.print(Value.from(rows)).getBytes(StandardCharsets.UTF_8);
        DurableFile.write(file, text, DurableFile.Readers.EVERYBODY);
    }

    private static Map<EndpointName, EndpointHealth.Kept> parsed(Value stored) {
        Map<EndpointName, EndpointHealth.Kept> kept = new HashMap<>();
        for (var row : fields(stored).entrySet()) {
            Map<String, Value> fields = fields(row.getValue());
            Verdict verdict =
                    new Verdict(
                            Verdict.State.ofWord(text(fields, "state")),
                            Instant.parse(text(fields, "since")),
                            text(fields, "reason"));
            double penalty =
                    switch (fields.get("penalty")) {
                        case Value.Int whole -> whole.value();
                        case Value.Real real -> real.value();
                        case null, default -> 0;
                    };
            FlapDamping damping =
                    new FlapDamping(
                            penalty,
                            Instant.parse(text(fields, "penalty-at")),
                            Value.TRUE.equals(fields.get("held")));
            kept.put(EndpointName.parse(row.getKey()), new EndpointHealth.Kept(verdict, damping));
        }
        return kept;
    }

    private static Map<String, Value> fields(Value value) {
        if (value instanceof Value.Map map) return map.fields();
        throw new IllegalArgumentException("it has another form");
    }

    private static String text(Map<String, Value> fields, String name) {
        if (fields.get(name) instanceof Value.Text text) return text.value();
        throw new IllegalArgumentException("no " + name);
    }
}
