package dev.holdfast.node.http;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Takes a request to upgrade through its decision, its session and its end. */
final class Conversations {
    private static final Logger LOG = LoggerFactory.getLogger(Conversations.class);
    private static final long OPENING_SECONDS = 10;

    private final Intake intake;

    Conversations(Intake intake) {
        this.intake = intake;
    }

    /** On the event loop: holds the request back, and decides on a thread of its own. */
    void begin(Exchange exchange, WebSocketHandler handler) {
        exchange.request().pause();
        intake.threads.execute(() -> run(exchange, handler));
    }

    private void run(Exchange exchange, WebSocketHandler handler) {
        MDC.put("trace", exchange.trace().traceId());
        MDC.put("request", exchange.trace().spanId());
        try {
            switch (decide(exchange, handler)) {
                case WebSocketHandler.Upgrade.Refuse(Problem problem) ->
                        exchange.context()
                                .runOnContext(_ -> {
                                    Answers.problem(exchange.request(), problem);
                                    exchange.request().resume();
                                });
                case WebSocketHandler.Upgrade.Accept(var conversation) ->
                        converse(exchange, conversation);
            }
        } finally {
            exchange.leave();
            MDC.clear();
        }
    }

    private WebSocketHandler.Upgrade decide(Exchange exchange, WebSocketHandler handler) {
        try {
            return handler.upgrade(exchange.seen(Bytes.EMPTY));
        } catch (Exception e) {
            return new WebSocketHandler.Upgrade.Refuse(exchange.problem(e));
        }
    }

    private void converse(Exchange exchange, WebSocketHandler.Conversation conversation) {
        Session session;
        try {
            session = open(exchange);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            LOG.debug("a WebSocket did not open: {}", e.toString());
            return;
        }
        intake.open.add(session);
        try {
            if (intake.isClosing()) session.close(Session.GOING_AWAY, "the node is being stopped");
            conversation.run(session);
            session.close(Session.NORMAL, "");
        } catch (ConnectionClosedException e) {
            session.close(Session.GOING_AWAY, "");
        } catch (ProblemException e) {
            session.close(Session.POLICY, e.problem().code());
        } catch (MalformedException e) {
            session.close(Session.PROTOCOL_ERROR, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            session.close(Session.GOING_AWAY, "the node is being stopped");
        } catch (Exception | StackOverflowError e) {
            LOG.error("a session of {} failed", exchange.route(), e);
            session.close(Session.INTERNAL, "internal, request " + exchange.trace().spanId());
        } finally {
            intake.open.remove(session);
        }
    }

    private Session open(Exchange exchange)
            throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<Session> opened = new CompletableFuture<>();
        exchange.context()
                .runOnContext(_ ->
                        exchange.request()
                                .toWebSocket()
                                .map(socket ->
                                        Session.open(
                                                socket,
                                                intake.vertx,
                                                exchange.context(),
                                                intake.settings.pingInterval()))
                                .onSuccess(opened::complete)
                                .onFailure(opened::completeExceptionally));
        return opened.get(OPENING_SECONDS, TimeUnit.SECONDS);
    }
}
