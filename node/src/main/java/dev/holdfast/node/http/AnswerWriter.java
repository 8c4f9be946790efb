package dev.holdfast.node.http;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes an answer from the request's virtual thread, in steps that run on the event loop. */
final class AnswerWriter {
    private static final Logger LOG = LoggerFactory.getLogger(AnswerWriter.class);
    private static final long HEARTBEAT_MILLIS = 15_000;
    private static final long NO_TIMER = -1;

    private final Intake intake;
    private final HttpServerRequest request;
    private final Context context;

    AnswerWriter(Intake intake, HttpServerRequest request, Context context) {
        this.intake = intake;
        this.request = request;
        this.context = context;
    }

    /** Returns when a whole body is handed over, or a stream has ended. */
    void write(Response answer) {
        switch (answer.body()) {
            case Response.Body.Empty _ -> context.runOnContext(_ -> Answers.send(request, answer));
            case Response.Body.Whole whole -> {
                Response encoded = Answers.encoded(request, answer, whole);
                context.runOnContext(_ -> Answers.send(request, encoded));
            }
            case Response.Body.Stream(String contentType, var writer) ->
                    stream(answer, contentType, false, writer);
            case Response.Body.Events(var writer) ->
                    stream(
                            answer.with("Cache-Control", "no-store"),
                            EventStream.CONTENT_TYPE,
                            true,
                            out -> writer.write(new EventStream(out)));
        }
    }

    private void stream(
            Response answer, String contentType, boolean heartbeat, Response.StreamWriter writer) {
        HttpServerResponse response = request.response();
        Outflow out =
                new Outflow(
                        context, intake.settings.pingInterval().multipliedBy(3), response::write);
        AtomicLong timer = new AtomicLong(NO_TIMER);
        boolean headOnly = request.method().name().equals("HEAD");
        context.runOnContext(_ -> {
            response.closeHandler(_ -> out.close()).exceptionHandler(_ -> out.close());
            if (response.closed()) out.close();
            Answers.head(response, answer);
            response.putHeader("Content-Type", contentType);
            if (headOnly) {
                response.end();
                return;
            }
            if (request.version() != HttpVersion.HTTP_2) response.setChunked(true);
            response.writeHead();
            if (heartbeat)
                timer.set(intake.vertx.setPeriodic(HEARTBEAT_MILLIS, _ -> beat(response)));
        });
        if (headOnly) return;
        intake.streams.add(out);
        try {
            if (intake.isClosing()) out.close();
            writer.write(out);
            out.flush();
            context.runOnContext(_ -> end(response));
        } catch (ConnectionClosedException e) {
            // The reader left, or the node is closing; where it can still be told, it sees a proper
            // end.
            context.runOnContext(_ -> end(response));
        } catch (Exception e) {
            LOG.error("a stream broke off", e);
            // Not a proper end: the reader shall not take what it has for the whole.
            context.runOnContext(_ -> response.reset());
        } finally {
            intake.streams.remove(out);
            context.runOnContext(_ -> intake.vertx.cancelTimer(timer.get()));
        }
    }

    private static void end(HttpServerResponse response) {
        if (!response.ended() && !response.closed()) response.end();
    }

    private static void beat(HttpServerResponse response) {
        if (!response.ended() && !response.closed() && !response.writeQueueFull()) {
            response.write(Buffer.buffer(EventStream.HEARTBEAT));
        }
    }
}
