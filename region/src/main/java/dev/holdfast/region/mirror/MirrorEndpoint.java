package dev.holdfast.region.mirror;

import dev.holdfast.core.Limits;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Scope;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.node.console.Operators;
import dev.holdfast.node.grants.Bearer;
import dev.holdfast.node.grants.GrantBook;
import dev.holdfast.node.http.Problem;
import dev.holdfast.node.http.ProblemException;
import dev.holdfast.node.http.Request;
import dev.holdfast.node.http.Response;
import dev.holdfast.node.http.Router;
import dev.holdfast.region.compare.Answering;
import dev.holdfast.region.compare.ComparisonDriver;
import dev.holdfast.region.store.LinkBook;
import dev.holdfast.region.store.StoreException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What those who run a region ask it about its mirror, and what other regions ask it to be compared
 * with it. Both come under a node's certificate and its grant of the role region, and the former
 * under this very node's, whose files they have, or with an operator's grant. Thread-safe.
 */
public final class MirrorEndpoint {
    /** Where people ask. */
    public static final String PATH = "/v1/mirror";

    /** Where other regions ask. */
    static final String COMPARE = PATH + "/compare";

    private static final Duration MOST_WAIT = Duration.ofHours(24);

    private static final Logger LOG = LoggerFactory.getLogger(MirrorEndpoint.class);

    private final SignedGrant own;
    private final GrantBook grants;
    private final Operators operators;
    private final Peers peers;
    private final LinkBook book;
    private final Answering answering;
    private final Comparing comparing;
    private final InstantSource clock;

    /**
     * @param own the grant of this node
     */
    public MirrorEndpoint(
            SignedGrant own,
            GrantBook grants,
            Operators operators,
            Peers peers,
            LinkBook book,
            Answering answering,
            Comparing comparing,
            InstantSource clock) {
        this.own = own;
        this.grants = grants;
        this.operators = operators;
        this.peers = peers;
        this.book = book;
        this.answering = answering;
        this.comparing = comparing;
        this.clock = clock;
    }

    public void register(Router router) {
        router.route("GET", PATH, this::status);
        router.route("POST", PATH + "/{peer}/pause", request -> pause(request, true));
        router.route("POST", PATH + "/{peer}/resume", request -> pause(request, false));
        router.route("POST", PATH + "/{peer}/verify", this::verify);
        router.route("POST", COMPARE, Limits.MESSAGE_BYTES, this::answer);
    }

    // For people.

    private Response status(Request request) {
        if (operators.isAsked(request)) operators.looking(request);
        else requireOwn(request);
        return json(
                Map.of(
                        "region",
                        own.replica().toString(),
                        "now",
                        clock.instant().toString(),
                        "peers",
                        links()));
    }

    /**
     * How it stands with each peer, as the process that follows it last said.
     *
     * @throws StoreException when the database failed
     */
    public List<Value> links() {
        Map<String, LinkBook.Link> known = book.links(peers.names());
        List<Value> links = new ArrayList<>();
        for (String peer : peers.names()) {
            Map<String, Object> link = new TreeMap<>();
            link.put("peer", peer);
            Optional<LinkBook.Link> said = Optional.ofNullable(known.get(peer));
            said.flatMap(LinkBook.Link::pausedAt)
                    .ifPresent(since -> link.put("paused", since.toString()));
            said.flatMap(LinkBook.Link::reportedAt)
                    .ifPresent(at -> link.put("reported", at.toString()));
            said.flatMap(LinkBook.Link::report)
                    .ifPresent(report -> link.put("report", Json.parse(report)));
            links.add(Value.from(link));
        }
        return links;
    }

    private Response pause(Request request, boolean paused) {
        String who;
        if (operators.isAsked(request)) {
            who = operators.acting(request).subject();
        } else {
            requireOwn(request);
            who = own.grant().subject();
        }
        String peer = Peers.name(peer(request));
        if (paused) book.pause(peer, clock.instant());
        else book.resume(peer);
        LOG.info("the link to {} is {}, by {}", peer, paused ? "paused" : "resumed", who);
        return json(Map.of("peer", peer, "paused", paused));
    }

    /** Lines of JSON, as it goes on. */
    private Response verify(Request request) {
        requireOwn(request);
        URI peer = peer(request);
        Optional<String> scope = request.query("scope");
        if (scope.isPresent() && !Scope.isValid(scope.get()))
            throw new ProblemException(
                    Problem.malformed("A scope is 1 to 128 of A-Z a-z 0-9 . _ : -"));
        ComparisonDriver.Options options =
                new ComparisonDriver.Options(
                        scope,
                        request.query("repair").filter("true"::equals).isPresent(),
                        Duration.ofMillis(
                                request.query("wait-millis", 30_000, 0, MOST_WAIT.toMillis())));
        if (!comparing.begin())
            throw new ProblemException(
                    Problem.of(
                                    503,
                                    "busy",
                                    "This process compares already",
                                    "One comparison at a time: try again when it is over.")
                            .retryAfter(Duration.ofSeconds(10)));
        LOG.info("comparing with {}{}", Peers.name(peer), options.repair() ? ", to repair" : "");
        return Response.stream(
                "application/x-ndjson", out -> comparing.run(peer, options, own.grant(), out));
    }

    private URI peer(Request request) {
        String asked = request.parameter("peer");
        return peers.find(asked)
                .orElseThrow(() ->
                        new ProblemException(
                                Problem.of(
                                        404,
                                        "peer-unknown",
                                        "This region has no such peer",
                                        "There is no peer "
                                                + asked
                                                + ". It knows: "
                                                + peers
                                                + ".")));
    }

    private static Response json(Map<String, ?> answer) {
        byte[] body = Json.print(Value.from(answer)).getBytes(StandardCharsets.UTF_8);
        return Response.json(200, body).with("Cache-Control", "no-store");
    }

    // For other regions.

    private Response answer(Request request) {
        Grant asker = requireRegion(request);
        if (!request.contentType().equals(Response.Body.Whole.CBOR))
            throw new ProblemException(
                    Problem.of(
                            415,
                            "not-cbor",
                            "Questions are CBOR",
                            "Send Content-Type: " + Response.Body.Whole.CBOR + "."));
        try {
            return Response.cbor(200, answering.answer(request.body(), asker));
        } catch (Answering.Forbidden e) {
            throw forbidden(String.valueOf(e.getMessage()));
        }
    }

    /** One node's grant is of no use under another's certificate. */
    private Grant requireRegion(Request request) {
        return switch (grants.judge(request.header(Bearer.HEADER), clock.millis())) {
            case GrantBook.Verdict.Valid(SignedGrant signed) -> {
                Grant grant = signed.grant();
                if (grant.role() != Grant.Role.REGION)
                    throw forbidden("Only a region may ask this.");
                if (!request.peer().equals(Optional.of(grant.subject())))
                    throw forbidden("The grant is not that of the certificate's node.");
                yield grant;
            }
            case GrantBook.Verdict.Refused(var code, String reason) ->
                    throw new ProblemException(
                            Problem.of(401, code.text(), "The grant is not taken", reason));
        };
    }

    private void requireOwn(Request request) {
        if (!requireRegion(request).subject().equals(own.grant().subject()))
            throw forbidden("This is for those who have this node's own certificate and grant.");
    }

    private static ProblemException forbidden(String detail) {
        return new ProblemException(
                Problem.of(403, "forbidden", "The grant does not allow this", detail));
    }
}
