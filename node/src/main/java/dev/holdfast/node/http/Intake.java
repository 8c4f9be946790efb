package dev.holdfast.node.http;

import dev.holdfast.keys.Entropy;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * Where requests come in, on the event loop: judges what can be judged without the body, admits no
 * more than the node bears, and hands each to an {@link Exchange}.
 */
final class Intake {
    /** Spreads those who were turned away. */
    private static final int RETRY_SPREAD_SECONDS = 5;

    final Vertx vertx;
    final HttpSettings settings;
    final MeterRegistry meters;
    final Entropy entropy;
    final Executor threads;
    final Gate requests;
    final Gate sessions;
    final Gate bodies;
    final Set<Session> open = ConcurrentHashMap.newKeySet();
    final Set<Outflow> streams = ConcurrentHashMap.newKeySet();
    private final Router router;
    private final Conversations conversations;
    private volatile boolean closing;

    Intake(
            Vertx vertx,
            HttpSettings settings,
            Router router,
            MeterRegistry meters,
            Entropy entropy,
            Executor threads) {
        this.vertx = vertx;
        this.settings = settings;
        this.router = router;
        this.meters = meters;
        this.entropy = entropy;
        this.threads = threads;
        this.conversations = new Conversations(this);
        this.requests = new Gate(settings.maxRequests());
        this.sessions = new Gate(settings.maxSessions());
        this.bodies = new Gate(settings.bufferedBodies().bytes());
        meters.gauge("holdfast.http.active", requests, Gate::taken);
        meters.gauge("holdfast.http.sessions", sessions, Gate::taken);
        meters.gauge("holdfast.http.body.bytes", bodies, Gate::taken);
    }

    void accept(HttpServerRequest request) {
        boolean allowed = Answers.origin(request, settings.origins());
        RequestTarget target;
        try {
            target = RequestTarget.parse(request.uri());
        } catch (ProblemException e) {
            Answers.problem(request, e.problem());
            return;
        }
        if (target.folder() && !router.isFolder(target.segments())) {
            Answers.problem(request, Problem.badPath("A path does not end with a slash."));
            return;
        }
        boolean upgrade = request.canUpgradeToWebSocket();
        switch (router.match(request.method().name(), target.segments(), upgrade)) {
            case Router.Match.Unknown _ -> Answers.problem(request, Problem.unknownPath());
            case Router.Match.WrongMethod(String allow) -> {
                if (request.method().name().equals("OPTIONS"))
                    Answers.options(request, allow, allowed);
                else {
                    request.response().putHeader("Allow", allow);
                    Answers.problem(request, Problem.wrongMethod(allow));
                }
            }
            case Router.Match.Found found -> admit(request, target, found, upgrade);
        }
    }

    private void admit(
            HttpServerRequest request,
            RequestTarget target,
            Router.Match.Found found,
            boolean upgrade) {
        boolean socket = found.route().target() instanceof Router.Target.Socket;
        if (socket && !upgrade) {
            // HTTP/2 has no such header.
            if (request.version() != HttpVersion.HTTP_2)
                request.response().putHeader("Upgrade", "websocket");
            Answers.problem(request, Problem.upgradeRequired());
            return;
        }
        if (closing) {
            Answers.problemAndClose(request, Problem.closing());
            return;
        }
        Gate gate = socket ? sessions : requests;
        boolean counted = !found.route().vital();
        if (counted && !gate.tryEnter(1)) {
            Answers.problem(request, Problem.busy(retryAfter()));
            return;
        }
        Runnable leave = counted ? () -> gate.leave(1) : () -> {};
        Exchange exchange = new Exchange(this, request, target, found, leave);
        switch (found.route().target()) {
            case Router.Target.Plain _ -> exchange.receive();
            case Router.Target.Socket(WebSocketHandler handler) ->
                    conversations.begin(exchange, handler);
        }
    }

    Duration retryAfter() {
        return Duration.ofSeconds(1 + Math.floorMod(entropy.bytes(1).at(0), RETRY_SPREAD_SECONDS));
    }

    /** No new requests; sessions are told, streams end. */
    void close() {
        closing = true;
        open.forEach(session -> session.close(Session.GOING_AWAY, "the node is being stopped"));
        streams.forEach(Outflow::close);
    }

    boolean isClosing() {
        return closing;
    }

    /** What Vert.x could not read as HTTP, or found too long. */
    static void invalid(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        Problem problem;
        if (cause instanceof TooLongHttpLineException) {
            problem =
                    Problem.of(
                            414,
                            "line-too-long",
                            "The address is too long",
                            "The request line is too long.");
        } else if (cause instanceof TooLongHttpHeaderException) {
            problem =
                    Problem.of(
                            431,
                            "headers-too-large",
                            "The headers are too large",
                            "All headers together are too long.");
        } else {
            String reason =
                    cause instanceof DecoderException || cause == null
                            ? "not HTTP"
                            : cause.getClass().getSimpleName();
            problem = Problem.malformed("The request is not well-formed HTTP (" + reason + ").");
        }
        Answers.problemAndClose(request, problem);
    }
}
