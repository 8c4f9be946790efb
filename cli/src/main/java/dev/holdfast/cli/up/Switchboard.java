package dev.holdfast.cli.up;

import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.keys.Entropy;
import dev.holdfast.node.console.Operators;
import dev.holdfast.node.grants.GrantBook;
import dev.holdfast.node.http.HttpNode;
import dev.holdfast.node.http.HttpSettings;
import dev.holdfast.node.http.Problem;
import dev.holdfast.node.http.ProblemException;
import dev.holdfast.node.http.Request;
import dev.holdfast.node.http.Response;
import dev.holdfast.node.http.Router;
import dev.holdfast.node.tls.Tls;
import dev.holdfast.node.tls.TlsSettings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The switches over HTTPS, for the operators' page: {@code GET /v1/switches} tells how they stand,
 * {@code POST /v1/switches/cable?on=true} cuts (and {@code city}), {@code on=false} puts back,
 * {@code POST /v1/switches/edge} burns it. It takes the operators' grants that the nodes take, and
 * only from pages of this system.
 */
final class Switchboard implements AutoCloseable {
    /** The name in its certificate. */
    static final String NAME = "switches";

    private static final String PATH = "/v1/switches";
    private static final Duration CLOSE = Duration.ofSeconds(5);

    private final Vertx vertx;
    private final HttpNode http;

    private Switchboard(Vertx vertx, HttpNode http) {
        this.vertx = vertx;
        this.http = http;
    }

    /**
     * Answers from now on.
     *
     * @param identity the folder with its certificate and key
     * @param grants by which it is judged who may turn a switch
     * @param origins of the pages that may ask
     * @param threads runs each task on a virtual thread of its own; stays the caller's to close
     */
    static Switchboard start(
            Switches switches,
            int port,
            Path identity,
            GrantBook grants,
            List<String> origins,
            InstantSource clock,
            Entropy entropy,
            Executor threads)
            throws IOException, InterruptedException {
        Vertx vertx = HttpNode.vertx();
        try {
            HttpNode http =
                    HttpNode.start(
                            vertx,
                            HttpSettings.at(Ports.HOST, port).withOrigins(origins),
                            Tls.load(TlsSettings.in(identity)),
                            new Routes(switches, new Operators(grants, clock)).router(),
                            new SimpleMeterRegistry(),
                            entropy,
                            threads);
            return new Switchboard(vertx, http);
        } catch (IOException | InterruptedException | RuntimeException e) {
            close(vertx);
            throw e;
        }
    }

    int port() {
        return http.port();
    }

    @Override
    public void close() {
        http.close();
        close(vertx);
    }

    private static void close(Vertx vertx) {
        try {
            vertx.close().await(CLOSE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            // The process ends in a moment anyway.
        }
    }

    private record Routes(Switches switches, Operators operators) {
        Router router() {
            return new Router()
                    .route("GET", PATH, this::look)
                    .route("POST", PATH + "/{switch}", this::turn);
        }

        private Response look(Request request) {
            operators.looking(request);
            return standing();
        }

        private Response turn(Request request) {
            String who = operators.acting(request).subject();
            String name = request.parameter("switch");
            if (name.equals("edge")) {
                if (!switches.burn(who))
                    throw new ProblemException(
                            Problem.of(
                                    409,
                                    "burning",
                                    "The edge is burning already",
                                    "Wait until a new one stands in its place."));
            } else {
                Switches.Cut cut = Switches.Cut.of(name).orElseThrow(() -> unknown(name));
                switches.turn(cut, isOn(request), who);
            }
            return standing();
        }

        private static boolean isOn(Request request) {
            return switch (request.query("on").orElse("")) {
                case "true" -> true;
                case "false" -> false;
                default ->
                        throw new ProblemException(
                                Problem.malformed("Say ?on=true to cut, ?on=false to put back."));
            };
        }

        private static ProblemException unknown(String name) {
            return new ProblemException(
                    Problem.of(
                            404,
                            "switch-unknown",
                            "There is no such switch",
                            "There is no " + name + ". There are: cable, city, edge."));
        }

        private Response standing() {
            Map<String, Object> told = new TreeMap<>();
            Map<Switches.Cut, Instant> cuts = switches.cuts();
            for (Switches.Cut cut : Switches.Cut.values()) {
                Map<String, Object> fields = new TreeMap<>();
                Instant since = cuts.get(cut);
                fields.put("on", since != null);
                if (since != null) fields.put("since", since.toString());
                told.put(cut.word(), fields);
            }
            told.put("edge", edge(switches.edge()));
            byte[] body = Json.print(Value.from(told)).getBytes(StandardCharsets.UTF_8);
            return Response.json(200, body).with("Cache-Control", "no-store");
        }

        private static Map<String, Object> edge(Switches.Edge edge) {
            Map<String, Object> fields = new TreeMap<>();
            switch (edge) {
                case Switches.Edge.Burning(Instant since) -> {
                    fields.put("burning", true);
                    fields.put("since", since.toString());
                }
                case Switches.Edge.Standing(Optional<Instant> burnedAt, int fires) -> {
                    fields.put("burning", false);
                    fields.put("fires", fires);
                    burnedAt.ifPresent(at -> fields.put("burned-at", at.toString()));
                }
            }
            return fields;
        }
    }
}
