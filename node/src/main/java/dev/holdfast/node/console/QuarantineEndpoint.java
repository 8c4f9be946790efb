package dev.holdfast.node.console;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.BatchBody;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.node.http.Problem;
import dev.holdfast.node.http.ProblemException;
import dev.holdfast.node.http.Request;
import dev.holdfast.node.http.Response;
import dev.holdfast.node.http.Router;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /v1/console/quarantine/HASH}: which documents and fields something in quarantine would
 * have touched, never with what, for whoever must tell people to write it again; and {@code POST}
 * of {@code …/settle?why=}, or {@code …/settle?undo=true}. Thread-safe.
 */
final class QuarantineEndpoint {
    private static final Logger LOG = LoggerFactory.getLogger(QuarantineEndpoint.class);
    private static final String ENTRY = ConsoleEndpoint.PATH + "/quarantine/{hash}";
    private static final int MOST_DOCUMENTS = 50;
    private static final int MOST_FIELDS = 20;
    private static final int MOST_WHY = 500;

    private final Quarantine quarantine;
    private final Runnable changed;
    private final Operators operators;
    private final InstantSource clock;

    /**
     * @param changed told of every word that was kept
     */
    QuarantineEndpoint(
            Quarantine quarantine, Runnable changed, Operators operators, InstantSource clock) {
        this.quarantine = quarantine;
        this.changed = changed;
        this.operators = operators;
        this.clock = clock;
    }

    void register(Router router) {
        router.route("GET", ENTRY, this::look);
        router.route("POST", ENTRY + "/settle", this::settle);
    }

    private Response look(Request request) {
        operators.looking(request);
        Quarantine.Entry entry =
                quarantine.entry(hash(request)).orElseThrow(QuarantineEndpoint::unknown);
        Map<String, Object> told = new TreeMap<>();
        told.put("bytes", entry.bytes());
        entry.batch().ifPresent(batch -> told.putAll(touched(batch)));
        return ConsoleEndpoint.json(told);
    }

    private static Map<String, Object> touched(Batch batch) {
        Map<DocumentId, TreeSet<String>> documents = new LinkedHashMap<>();
        List<Operation> operations = batch.body().operations();
        for (Operation operation : operations) {
            TreeSet<String> fields =
                    documents.computeIfAbsent(operation.document(), _ -> new TreeSet<>());
            operation.edits().forEach(edit -> fields.add(edit.key().path()));
        }
        List<Object> listed = new ArrayList<>();
        documents.entrySet().stream()
                .limit(MOST_DOCUMENTS)
                .forEach(document ->
                        listed.add(
                                Map.of(
                                        "collection",
                                        document.getKey().collection(),
                                        "id",
                                        document.getKey().id(),
                                        "fields",
                                        document.getValue().stream().limit(MOST_FIELDS).toList(),
                                        "more-fields",
                                        document.getValue().size() > MOST_FIELDS)));
        return Map.of(
                "operations",
                operations.size(),
                "written",
                Instant.ofEpochMilli(operations.getFirst().hlc().millis()).toString(),
                "documents",
                Map.of("listed", listed, "more", documents.size() > MOST_DOCUMENTS));
    }

    private Response settle(Request request) {
        Grant operator = operators.acting(request);
        Bytes hash = hash(request);
        boolean settled = request.query("undo").filter("true"::equals).isEmpty();
        Quarantine.Settled word =
                new Quarantine.Settled(operator.subject(), why(request), clock.instant());
        if (!quarantine.settle(hash, settled ? Optional.of(word) : Optional.empty()))
            throw unknown();
        changed.run();
        LOG.info(
                "{} says that {} in quarantine is {}",
                operator.subject(),
                hash.hex(),
                settled ? "settled" : "open");
        return ConsoleEndpoint.json(Map.of("settled", settled));
    }

    private static String why(Request request) {
        String why = request.query("why").orElse("").strip();
        if (why.length() <= MOST_WHY && why.chars().noneMatch(Character::isISOControl)) return why;
        throw new ProblemException(
                Problem.malformed(
                        "The reason is at most " + MOST_WHY + " characters, without line breaks."));
    }

    private static Bytes hash(Request request) {
        try {
            Bytes hash = Bytes.fromHex(request.parameter("hash"));
            if (hash.size() == BatchBody.HASH_BYTES) return hash;
        } catch (MalformedException e) {
            // Told below, as one of another length is.
        }
        throw new ProblemException(Problem.malformed("A hash is 64 hexadecimal digits."));
    }

    private static ProblemException unknown() {
        return new ProblemException(
                Problem.of(
                        404,
                        "not-in-quarantine",
                        "Nothing with this hash is in quarantine here",
                        "It may be at another node: each keeps aside what came to it."));
    }
}
