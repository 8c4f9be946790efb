package dev.holdfast.node.http;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.keys.Entropy;
import dev.holdfast.node.telemetry.TraceParent;
import dev.holdfast.node.tls.PeerName;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * One request under way. Its first half, {@link #receive}, collects the body on the event loop; the
 * second runs the handler on a virtual thread and writes the answer back through the event loop.
 */
final class Exchange {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    private final Intake intake;
    private final HttpServerRequest request;
    private final RequestTarget target;
    private final Router.Match.Found found;
    private final Runnable leave;
    private final Context context;
    private final TraceParent trace;
    private final AtomicBoolean left = new AtomicBoolean();

    /** On the event loop only, until the body is whole. */
    private Buffer body = Buffer.buffer();

    private boolean refused;
    private long reservedBytes;

    Exchange(
            Intake intake,
            HttpServerRequest request,
            RequestTarget target,
            Router.Match.Found found,
            Runnable leave) {
        this.intake = intake;
        this.request = request;
        this.target = target;
        this.found = found;
        this.leave = leave;
        this.context = intake.vertx.getOrCreateContext();
        this.trace = trace(request.getHeader(TraceParent.HEADER), intake.entropy);
    }

    private static TraceParent trace(@Nullable String header, Entropy entropy) {
        Optional<TraceParent> caller =
                header == null ? Optional.empty() : TraceParent.parse(header);
        return caller.isPresent() ? caller.get().child(entropy) : TraceParent.begin(entropy);
    }

    /** Collects the body within its bounds, then runs the handler. */
    void receive() {
        if (declaredBytes() > found.route().bodyBytes()) {
            refuse(Problem.bodyTooLarge(found.route().bodyBytes()));
            return;
        }
        if (!encoding().isEmpty() && !encoding().equals(ZstdCoding.NAME)) {
            refuse(Problem.unknownEncoding());
            return;
        }
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            request.response().writeContinue();
        }
        long timer =
                mayHaveBody()
                        ? intake.vertx.setTimer(
                                intake.settings.bodyTimeout().toMillis(),
                                _ -> refuse(Problem.bodyTooSlow(intake.settings.bodyTimeout())))
                        : -1;
        request.handler(this::chunk)
                .exceptionHandler(_ -> {
                    intake.vertx.cancelTimer(timer);
                    refused = true;
                    leave();
                })
                .endHandler(_ -> {
                    intake.vertx.cancelTimer(timer);
                    if (!refused) intake.threads.execute(this::run);
                });
    }

    private void chunk(Buffer chunk) {
        if (refused) return;
        if ((long) body.length() + chunk.length() > found.route().bodyBytes()) {
            refuse(Problem.bodyTooLarge(found.route().bodyBytes()));
        } else if (!reserve(chunk.length())) {
            refuse(Problem.busy(intake.retryAfter()));
        } else {
            body.appendBuffer(chunk);
        }
    }

    private void refuse(Problem problem) {
        if (refused) return;
        refused = true;
        body = Buffer.buffer();
        leave();
        Answers.problemAndClose(request, problem);
    }

    private boolean reserve(int bytes) {
        if (!intake.bodies.tryEnter(bytes)) return false;
        reservedBytes += bytes;
        return true;
    }

    void leave() {
        if (!left.compareAndSet(false, true)) return;
        intake.bodies.leave(reservedBytes);
        leave.run();
    }

    private void run() {
        Timer.Sample sample = Timer.start(intake.meters);
        int status = 0;
        MDC.put("trace", trace.traceId());
        MDC.put("request", trace.spanId());
        try {
            Response answer = answer().with("Holdfast-Request", trace.spanId());
            status = answer.status();
            new AnswerWriter(intake, request, context).write(answer);
        } finally {
            leave();
            MDC.clear();
            sample.stop(
                    intake.meters.timer(
                            "holdfast.http.requests",
                            "method",
                            request.method().name(),
                            "route",
                            found.route().template(),
                            "status",
                            Integer.toString(status)));
        }
    }

    private Response answer() {
        if (!(found.route().target() instanceof Router.Target.Plain(Handler handler))) {
            throw new IllegalStateException("a socket's route run as a plain one");
        }
        try {
            return handler.handle(seen(plainBody()));
        } catch (Exception | StackOverflowError e) {
            return problem(e).response();
        }
    }

    /** The problem that tells of {@code fault}; what is no caller's doing is logged. */
    Problem problem(Throwable fault) {
        return switch (fault) {
            case ProblemException e -> e.problem();
            case MalformedException e -> Problem.malformed(sentence(e));
            case InterruptedException _ -> Problem.closing();
            default -> {
                LOG.error("{} {} failed", request.method(), found.route().template(), fault);
                yield Problem.internal(trace.spanId());
            }
        };
    }

    private Bytes plainBody() {
        byte[] received = body.getBytes();
        body = Buffer.buffer();
        if (encoding().isEmpty()) return Bytes.wrap(received);
        Bytes plain =
                ZstdCoding.decompress(received, found.route().bodyBytes())
                        .orElseThrow(() -> new ProblemException(Problem.badEncoding()));
        if (!reserve(plain.size())) throw new ProblemException(Problem.busy(intake.retryAfter()));
        return plain;
    }

    /** The request as handlers see it. */
    Request seen(Bytes whole) {
        return new Request(
                trace.spanId(),
                request.method().name(),
                found.route().template(),
                found.parameters(),
                target.query(),
                request.headers(),
                whole,
                peer(),
                trace,
                request.remoteAddress().host());
    }

    private Optional<String> peer() {
        SSLSession session = request.sslSession();
        if (session == null) return Optional.empty();
        try {
            return PeerName.of(List.of(session.getPeerCertificates()));
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty(); // It presented none, as it may.
        }
    }

    private long declaredBytes() {
        String declared = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (declared == null) return 0;
        try {
            return Long.parseLong(declared.strip());
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    private boolean mayHaveBody() {
        boolean announced =
                declaredBytes() > 0 || request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
        boolean usual =
                !request.method().name().equals("GET") && !request.method().name().equals("HEAD");
        return announced || request.version() == HttpVersion.HTTP_2 && usual;
    }

    private String encoding() {
        String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        return encoding == null || encoding.equalsIgnoreCase("identity")
                ? ""
                : encoding.strip().toLowerCase(Locale.ROOT);
    }

    private static String sentence(MalformedException e) {
        String message = e.getMessage();
        return message == null
                ? "It has not the form it must have."
                : "It has not the form it must have: " + message + ".";
    }

    HttpServerRequest request() {
        return request;
    }

    Context context() {
        return context;
    }

    TraceParent trace() {
        return trace;
    }

    String route() {
        return found.route().template();
    }
}
