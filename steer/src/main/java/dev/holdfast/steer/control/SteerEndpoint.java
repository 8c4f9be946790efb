package dev.holdfast.steer.control;

import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.keys.KeysException;
import dev.holdfast.node.console.Operators;
import dev.holdfast.node.http.Problem;
import dev.holdfast.node.http.ProblemException;
import dev.holdfast.node.http.Request;
import dev.holdfast.node.http.Response;
import dev.holdfast.node.http.Router;
import dev.holdfast.steer.dns.Explanation;
import dev.holdfast.steer.health.ChecksDriver;
import dev.holdfast.steer.pool.EndpointName;
import dev.holdfast.steer.pool.Standing;
import dev.holdfast.steer.quorum.Council;
import dev.holdfast.steer.quorum.CouncilDriver;
import dev.holdfast.steer.quorum.Decided;
import dev.holdfast.steer.quorum.Drain;
import dev.holdfast.steer.quorum.GossipJson;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What those who run a steer node ask of it, and what the other nodes tell it. The former come
 * under this very node's certificate, since they have its files, or with an operator's grant; the
 * latter under the certificate of a node that the settings name. Thread-safe.
 */
public final class SteerEndpoint {
    /** Where people ask. */
    public static final String PATH = "/v1/steer";

    private static final Duration LONGEST_DRAIN = Duration.ofDays(365);
    private static final int MOST_AUDIT = 10_000;

    /** What the node says of itself that is no business of this class. */
    public interface Node {
        /** Every endpoint that there is. */
        Set<EndpointName> endpoints();

        Map<EndpointName, ChecksDriver.Sight> sights();

        /** Why the zones file as it is now does not hold. */
        Optional<String> trouble();

        /** Where it answers DNS. */
        List<String> listens();

        /** What the zones above must be told. */
        List<String> delegationSigners();

        /**
         * Why a client would be answered how.
         *
         * @throws IllegalArgumentException when name or type is none
         */
        Explanation explain(String name, String type, InetAddress client);
    }

    private final String name;
    private final String line;
    private final Node node;
    private final Council council;
    private final CouncilDriver driver;
    private final AuditTrail trail;
    private final Operators operators;
    private final InstantSource clock;

    /**
     * @param name this node's, as in its certificate
     * @param line where it stands
     */
    public SteerEndpoint(
            String name,
            String line,
            Node node,
            Council council,
            CouncilDriver driver,
            AuditTrail trail,
            Operators operators,
            InstantSource clock) {
        this.name = name;
        this.line = line;
        this.node = node;
        this.council = council;
        this.driver = driver;
        this.trail = trail;
        this.operators = operators;
        this.clock = clock;
    }

    public void register(Router router) {
        router.route("GET", PATH + "/status", this::status);
        router.route("GET", PATH + "/explain", this::explain);
        router.route("POST", PATH + "/drain", this::drain);
        router.route("GET", PATH + "/audit", this::audit);
        router.route("POST", CouncilDriver.PATH, CouncilDriver.MOST_BYTES, this::gossip);
    }

    // For people.

    private Response status(Request request) {
        requireLooking(request);
        return json(told());
    }

    /** How the endpoints stand, and how this node is. */
    public Map<String, Object> told() {
        Instant now = clock.instant();
        Decided decided = council.decided();
        Map<String, Duration> ages = council.ages(now);
        Set<String> fresh = new TreeSet<>();
        council.fresh(now).forEach(report -> fresh.add(report.node()));
        List<Value> peers = new ArrayList<>();
        for (String peer : new TreeSet<>(council.others())) {
            Map<String, Object> fields = new TreeMap<>();
            fields.put("peer", peer);
            fields.put("heard", fresh.contains(peer));
            Duration age = ages.get(peer);
            if (age != null) fields.put("age-millis", age.toMillis());
            peers.add(Value.from(fields));
        }
        Map<EndpointName, Drain> drained = council.drains().holding(now);
        Map<EndpointName, ChecksDriver.Sight> sights = node.sights();
        List<Value> endpoints = new ArrayList<>();
        for (EndpointName endpoint : sorted(node.endpoints())) {
            Map<String, Object> fields = new TreeMap<>();
            fields.put("endpoint", endpoint.toString());
            ChecksDriver.Sight sight = sights.get(endpoint);
            if (sight != null) fields.put("seen", seen(sight));
            Map<String, Object> standings = new TreeMap<>();
            for (String each : decided.lines())
                standings.put(each, standing(decided.of(endpoint, each)));
            fields.put("standings", standings);
            Drain drain = drained.get(endpoint);
            if (drain != null) fields.put("drain", drain(drain));
            endpoints.add(Value.from(fields));
        }
        Map<String, Object> answer = new TreeMap<>();
        answer.put("node", name);
        answer.put("line", line);
        answer.put("now", now.toString());
        answer.put("blind", council.own(now).blind());
        answer.put("dns", node.listens());
        answer.put("ds", node.delegationSigners());
        answer.put("peers", peers);
        answer.put("endpoints", endpoints);
        node.trouble().ifPresent(trouble -> answer.put("zones-trouble", trouble));
        trail.failure().ifPresent(trouble -> answer.put("audit-trouble", trouble));
        return answer;
    }

    private static List<EndpointName> sorted(Collection<EndpointName> names) {
        EndpointName[] sorted = names.toArray(EndpointName[]::new);
        Arrays.sort(sorted, (a, b) -> a.toString().compareTo(b.toString()));
        return List.of(sorted);
    }

    private static Map<String, Object> seen(ChecksDriver.Sight sight) {
        Map<String, Object> fields = new TreeMap<>();
        fields.put("state", sight.verdict().state().word());
        fields.put("since", sight.verdict().since().toString());
        fields.put("reason", sight.verdict().reason());
        sight.looked().ifPresent(at -> fields.put("looked", at.toString()));
        sight.took().ifPresent(took -> fields.put("took-millis", took.toNanos() / 1e6));
        return fields;
    }

    private static Map<String, Object> standing(Standing standing) {
        Map<String, Object> fields = new TreeMap<>();
        fields.put("state", word(standing));
        fields.put("reason", standing.reason());
        since(standing).ifPresent(since -> fields.put("since", since.toString()));
        return fields;
    }

    private static Optional<Instant> since(Standing standing) {
        return switch (standing) {
            case Standing.Up(Instant since, _) -> Optional.of(since);
            case Standing.Down(Instant since, _) -> Optional.of(since);
            case Standing.Drained(Instant since, _) -> Optional.of(since);
            case Standing.Unjudged _ -> Optional.empty();
        };
    }

    /** The standing in one word. */
    public static String word(Standing standing) {
        return switch (standing) {
            case Standing.Up _ -> "up";
            case Standing.Down _ -> "down";
            case Standing.Drained _ -> "drained";
            case Standing.Unjudged _ -> "unjudged";
        };
    }

    private static Map<String, Object> drain(Drain drain) {
        Map<String, Object> fields = new TreeMap<>();
        fields.put("who", drain.who());
        fields.put("why", drain.why());
        fields.put("node", drain.node());
        fields.put("at", drain.at().toString());
        drain.until().ifPresent(until -> fields.put("until", until.toString()));
        return fields;
    }

    private Response explain(Request request) {
        requireLooking(request);
        String asked = required(request, "name");
        String type = request.query("type").orElse("A");
        String client = required(request, "client");
        try {
            return json(explained(node.explain(asked, type, InetAddress.ofLiteral(client))));
        } catch (IllegalArgumentException e) {
            throw new ProblemException(Problem.malformed(String.valueOf(e.getMessage())));
        }
    }

    private static Map<String, Object> explained(Explanation told) {
        List<Value> pools = new ArrayList<>();
        for (Explanation.Chosen chosen : told.choices()) {
            List<Value> endpoints = new ArrayList<>();
            chosen.considered()
                    .forEach(each ->
                            endpoints.add(
                                    Value.from(
                                            Map.of(
                                                    "endpoint", each.endpoint().name().toString(),
                                                    "standing", standing(each.standing()),
                                                    "leads", each.leads(),
                                                    "reason", each.reason()))));
            pools.add(
                    Value.from(
                            Map.of(
                                    "pool", chosen.pool(),
                                    "policy", chosen.policy(),
                                    "among", chosen.among().toString(),
                                    "how", chosen.how(),
                                    "endpoints", endpoints,
                                    "named", chosen.named())));
        }
        return Map.of(
                "question", told.question(),
                "line", told.line(),
                "line-reason", told.lineReason(),
                "steps", told.steps(),
                "pools", pools,
                "code", told.code(),
                "answer", told.answer());
    }

    private Response drain(Request request) {
        String who = whoActs(request);
        EndpointName endpoint = endpoint(required(request, "endpoint"));
        boolean out = request.query("undo").filter("true"::equals).isEmpty();
        Optional<Duration> time =
                request.query("for-millis")
                        .map(_ ->
                                Duration.ofMillis(
                                        request.query(
                                                "for-millis", 0, 1_000, LONGEST_DRAIN.toMillis())));
        String why = request.query("why").orElse("");
        Drain word;
        try {
            word = council.drains().tell(endpoint, out, time, who, why, clock.instant());
        } catch (IllegalArgumentException e) {
            throw new ProblemException(Problem.malformed(String.valueOf(e.getMessage())));
        } catch (KeysException e) {
            throw new ProblemException(Problem.notKept(String.valueOf(e.getMessage())));
        }
        trail.add(audited(word, clock.instant()));
        driver.wake();
        return json(
                Map.of(
                        "endpoint", endpoint.toString(),
                        "out", out,
                        "until", word.until().map(Instant::toString).orElse("")));
    }

    /** An operator's word, as the trail keeps it. */
    public static AuditEntry audited(Drain word, Instant now) {
        String until = word.until().map(end -> " until " + end).orElse("");
        String why = word.why().isEmpty() ? "" : ": " + word.why();
        return new AuditEntry(
                now,
                AuditEntry.Kind.DRAIN,
                Optional.of(word.endpoint().toString()),
                Optional.empty(),
                (word.out() ? "drained" + until : "put back") + " at " + word.node() + why,
                Optional.of(word.who()));
    }

    private EndpointName endpoint(String text) {
        Set<EndpointName> all = node.endpoints();
        try {
            EndpointName asked = EndpointName.parse(text);
            if (all.contains(asked)) return asked;
        } catch (IllegalArgumentException e) {
            throw new ProblemException(Problem.malformed(String.valueOf(e.getMessage())));
        }
        List<String> names = sorted(all).stream().map(EndpointName::toString).toList();
        throw new ProblemException(
                Problem.of(
                        404,
                        "endpoint-unknown",
                        "The zones file has no such endpoint",
                        "There is no endpoint "
                                + text
                                + ". There are: "
                                + String.join(", ", names)));
    }

    private Response audit(Request request) {
        requireLooking(request);
        int count = (int) request.query("limit", 100, 1, MOST_AUDIT);
        try {
            List<Value> entries = trail.newest(count).stream().map(Json::parse).toList();
            return json(Map.of("now", clock.instant().toString(), "entries", entries));
        } catch (IOException | MalformedException e) {
            throw new ProblemException(
                    Problem.of(
                            503,
                            "trail-unreadable",
                            "The audit trail cannot be read",
                            e.toString()));
        }
    }

    private static String required(Request request, String parameter) {
        return request.query(parameter)
                .orElseThrow(() ->
                        new ProblemException(
                                Problem.malformed(
                                        "The query parameter " + parameter + " is missing.")));
    }

    private static Response json(Map<String, ?> answer) {
        byte[] body = Json.print(Value.from(answer)).getBytes(StandardCharsets.UTF_8);
        return Response.json(200, body).with("Cache-Control", "no-store");
    }

    // For other nodes.

    private Response gossip(Request request) {
        if (request.peer().filter(council.others()::contains).isEmpty())
            throw forbidden("This is for the nodes that this one's settings name as peers.");
        try {
            byte[] known = GossipJson.print(driver.exchange(GossipJson.parse(request.body())));
            return Response.json(200, known).with("Cache-Control", "no-store");
        } catch (MalformedException e) {
            throw new ProblemException(Problem.malformed(String.valueOf(e.getMessage())));
        }
    }

    private void requireLooking(Request request) {
        if (operators.isAsked(request)) operators.looking(request);
        else requireOwn(request);
    }

    /** Whoever has the node's files says himself who he is; a grant says it of an operator. */
    private String whoActs(Request request) {
        if (operators.isAsked(request)) return operators.acting(request).subject();
        requireOwn(request);
        return request.query("who").orElse("somebody");
    }

    private void requireOwn(Request request) {
        if (!request.peer().equals(Optional.of(name)))
            throw forbidden("This is for those who have this node's own certificate.");
    }

    private static ProblemException forbidden(String detail) {
        return new ProblemException(
                Problem.of(403, "forbidden", "The certificate does not allow this", detail));
    }
}
