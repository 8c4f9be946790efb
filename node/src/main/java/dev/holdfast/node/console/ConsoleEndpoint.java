package dev.holdfast.node.console;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Scope;
import dev.holdfast.core.operation.Transaction;
import dev.holdfast.node.grants.Revocations;
import dev.holdfast.node.http.NodeEndpoints;
import dev.holdfast.node.http.Problem;
import dev.holdfast.node.http.ProblemException;
import dev.holdfast.node.http.Request;
import dev.holdfast.node.http.Response;
import dev.holdfast.node.http.Router;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * {@code GET /v1/console}: all that this node knows of itself, as one JSON document, for an
 * operator. It asks no other node, so that it is as quick and as true when the node is cut off. One
 * reading serves everybody who asks within a second: a wall of screens costs what one does.
 * Thread-safe.
 */
public final class ConsoleEndpoint {
    public static final String PATH = "/v1/console";

    private static final long FRESH_MILLIS = 1_000;
    private static final int REVOCATIONS_TOLD = 50;

    /**
     * Whom the document is about.
     *
     * @param name as in its certificate
     * @param kind {@code edge}, {@code region} or {@code steer}
     * @param replica what it goes by as an author now, where it is one
     * @param state as {@code /readyz} tells it
     * @param more what only this kind of node can tell; every list in it has a bound. Must not wait
     *     for anything but the node's own disk
     * @param journeys of a node that keeps operations
     * @param quarantine of the same
     */
    public record Node(
            String name,
            String kind,
            Supplier<Optional<ReplicaId>> replica,
            NodeEndpoints.State state,
            Supplier<Map<String, Object>> more,
            Optional<Journeys> journeys,
            Optional<Quarantine> quarantine) {}

    /** What a node knows of single operations. Thread-safe. */
    public interface Journeys {
        /** So many of the newest batches of a scope are looked through for a trace. */
        int SEARCHED_BATCHES = 5_000;

        /** How far an operation got, when, and by whose word. */
        Map<String, Object> journey(String scope, Dot dot);

        /**
         * The first operation of the newest transaction with this trace, among the newest batches.
         *
         * @param trace the id, 16 bytes
         */
        Optional<Dot> find(String scope, Bytes trace);
    }

    private record Reading(Instant at, Map<String, Object> told) {}

    private final Node node;
    private final Operators operators;
    private final Revocations revocations;
    private final InstantSource clock;
    private final Instant started;
    private final ReentrantLock lock = new ReentrantLock();
    private Optional<Reading> last = Optional.empty();

    public ConsoleEndpoint(
            Node node, Operators operators, Revocations revocations, InstantSource clock) {
        this.node = node;
        this.operators = operators;
        this.revocations = revocations;
        this.clock = clock;
        this.started = clock.instant();
    }

    public void register(Router router) {
        router.route("GET", PATH, this::look);
        node.journeys()
                .ifPresent(journeys ->
                        router.route(
                                "GET", PATH + "/journey", request -> follow(request, journeys)));
        node.quarantine()
                .ifPresent(kept ->
                        new QuarantineEndpoint(kept, this::forget, operators, clock)
                                .register(router));
    }

    private Response follow(Request request, Journeys journeys) {
        operators.looking(request);
        String scope = request.query("scope").orElse("");
        if (!Scope.isValid(scope))
            throw new ProblemException(
                    Problem.malformed("A scope is 1 to 128 of A-Z a-z 0-9 . _ : -"));
        Optional<String> trace = request.query("trace");
        Optional<Dot> dot =
                trace.isPresent()
                        ? journeys.find(scope, traceId(trace.get()))
                        : Optional.of(dot(request));
        Map<String, Object> told =
                dot.isPresent()
                        ? new TreeMap<>(journeys.journey(scope, dot.get()))
                        : new TreeMap<>(Map.of("has", false));
        dot.ifPresent(found -> told.put("dot", found.replica() + ":" + found.seq()));
        told.put("node", node.name());
        told.put("kind", node.kind());
        return json(told);
    }

    private static Bytes traceId(String text) {
        try {
            Bytes trace = Bytes.fromHex(text);
            if (trace.size() == Transaction.TRACE_BYTES) return trace;
        } catch (MalformedException e) {
            // Told below, as one of another length is.
        }
        throw new ProblemException(
                Problem.malformed("A trace id is 32 hexadecimal digits, as in a traceparent."));
    }

    private static Dot dot(Request request) {
        String text = request.query("dot").orElse("");
        int colon = text.lastIndexOf(':');
        try {
            return new Dot(
                    ReplicaId.parse(text.substring(0, Math.max(0, colon))),
                    Long.parseLong(text.substring(colon + 1)));
        } catch (MalformedException | NumberFormatException e) {
            throw new ProblemException(
                    Problem.malformed(
                            "A dot is REPLICA:SEQ, such as the header Holdfast-Dot gives it."));
        }
    }

    private Response look(Request request) {
        Grant operator = operators.looking(request);
        Reading reading = reading();
        Map<String, Object> answer = new TreeMap<>(reading.told());
        answer.put("now", clock.instant().toString());
        answer.put(
                "you",
                Map.of("subject", operator.subject(), "may-act", Operators.mayAct(operator)));
        return json(answer);
    }

    static Response json(Map<String, Object> answer) {
        byte[] body = Json.print(Value.from(answer)).getBytes(StandardCharsets.UTF_8);
        return Response.json(200, body).with("Cache-Control", "no-store");
    }

    private Reading reading() {
        lock.lock();
        try {
            Instant now = clock.instant();
            Reading known = last.orElse(null);
            if (known != null
                    && Math.abs(now.toEpochMilli() - known.at().toEpochMilli()) < FRESH_MILLIS)
                return known;
            Reading fresh = new Reading(now, told(now));
            last = Optional.of(fresh);
            return fresh;
        } finally {
            lock.unlock();
        }
    }

    /** Whoever has changed something here is to see it. */
    private void forget() {
        lock.lock();
        try {
            last = Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    private Map<String, Object> told(Instant now) {
        Map<String, Object> told = new TreeMap<>(node.more().get());
        told.put("node", node.name());
        told.put("kind", node.kind());
        node.replica().get().ifPresent(replica -> told.put("replica", replica.toString()));
        told.put("started", started.toString());
        told.put("read", now.toString());
        told.put("state", node.state().told());
        told.put("revocations", revocations.told(REVOCATIONS_TOLD));
        return told;
    }
}
