package dev.holdfast.node.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.core.sync.Session;
import dev.holdfast.keys.wire.Frames;
import dev.holdfast.node.grants.Revocation;
import dev.holdfast.node.http.ConnectionClosedException;
import dev.holdfast.node.sync.Mailbox.Mail;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs core's {@link Session} for one connection, or for one round of {@code POST /v1/sync}. One
 * thread owns the machine, verifies, signs and sends; what the backend is asked runs on threads of
 * its own and comes back through the {@link Mailbox}, so that several pushes wait for their flush
 * together while changes flow.
 *
 * <p>Where the client does not read, sending waits and so does all else of its session. While the
 * machine is busy, or the node has no room for another push, the socket is not read. A session is
 * left only once everything it asked for is answered: a client that comes and goes cannot pile up
 * work.
 */
final class SessionDriver {
    private static final Logger LOG = LoggerFactory.getLogger(SessionDriver.class);
    private static final int MAX_REASON_CHARS = 200;

    private final SyncNode node;
    private final Optional<String> certified;
    private final Line line;
    private final Session machine;
    private final Mailbox mailbox = new Mailbox();

    private int underWay;
    private int reservedKib;
    private Clients.@Nullable Client entered;
    private boolean over;

    /** The way out. */
    @FunctionalInterface
    private interface Line {
        void send(Message message) throws ConnectionClosedException, InterruptedException;
    }

    private SessionDriver(SyncNode node, Bytes nonce, Optional<String> certified, Line line) {
        this.node = node;
        this.certified = certified;
        this.line = line;
        this.machine = new Session(node.backend().server(), nonce);
    }

    /**
     * Serves a client until either side ends it.
     *
     * @param certified the name in the certificate of the deployment's CA that it presented, if it
     *     did
     */
    static void converse(
            SyncNode node,
            Bytes nonce,
            Optional<String> certified,
            dev.holdfast.node.http.Session socket)
            throws ConnectionClosedException, InterruptedException {
        Line line =
                message -> {
                    Bytes frame = Frames.frame(MessageCodec.encode(message));
                    node.meters().sent(message, frame.size());
                    socket.send(frame);
                };
        SessionDriver driver = new SessionDriver(node, nonce, certified, line);
        node.meters().opened();
        try {
            driver.converse(socket);
        } finally {
            node.meters().closed();
        }
    }

    /**
     * Serves one round: all of its messages, until nothing is under way any more. Answers what is
     * to be said, as far as it fits into one message's bound; the rest comes in the next round.
     *
     * @param greeting what it begins with; empty where that is no hello
     * @throws MalformedException when what follows the hello has not the form; nothing of it was
     *     done then
     */
    static Bytes round(
            SyncNode node,
            Bytes nonce,
            Optional<String> certified,
            Optional<MessageCodec.Greeting> greeting)
            throws InterruptedException {
        Answer answer = new Answer(node.meters());
        SessionDriver driver = new SessionDriver(node, nonce, certified, answer::add);
        try {
            driver.round(greeting);
        } catch (ConnectionClosedException e) {
            throw new IllegalStateException("an answer in memory was closed", e);
        }
        return answer.out.toBytes();
    }

    private static final class Answer {
        private final SyncMeters meters;
        final CborWriter out = new CborWriter(1024);
        private boolean full;

        Answer(SyncMeters meters) {
            this.meters = meters;
        }

        void add(Message message) {
            Bytes encoded = MessageCodec.encode(message);
            // Nothing after what was left out: changes must not skip a page.
            full |= out.size() + encoded.size() > Limits.MESSAGE_BYTES;
            if (full) return;
            out.raw(encoded);
            meters.sent(message, encoded.size());
        }
    }

    private void converse(dev.holdfast.node.http.Session socket)
            throws ConnectionClosedException, InterruptedException {
        socket.onArrival(mailbox::arrived);
        try {
            line.send(machine.challenge());
            while (!over) {
                boolean greeted = machine.client() != null;
                Duration patience = greeted ? null : node.settings().helloTimeout();
                Mail mail = mailbox.next(!machine.isBusy(), patience);
                if (mail instanceof Mail.Arrived) read(socket);
                else handle(mail);
            }
        } finally {
            leave();
        }
    }

    private void round(Optional<MessageCodec.Greeting> greeting)
            throws ConnectionClosedException, InterruptedException {
        try {
            if (greeting.isEmpty()) {
                bye(Message.Bye.Code.UNEXPECTED, "say hello first");
                return;
            }
            received(greeting.get().hello());
            if (!over) rest(greeting.get().rest());
        } finally {
            leave();
        }
    }

    /** What a client that is known by now says in its round. */
    private void rest(Bytes encoded) throws ConnectionClosedException, InterruptedException {
        // Room for all of it before it unfolds.
        int kib = room(encoded);
        node.pushKib().acquire(kib);
        try {
            List<Message> messages = MessageCodec.decodeAll(encoded);
            node.meters().round(messages);
            for (Message message : messages) {
                while (!over && machine.isBusy()) handle(mailbox.next(false, null));
                if (over) return;
                received(message);
            }
            while (!over && (underWay > 0 || !machine.isIdle())) {
                handle(mailbox.next(false, null));
            }
        } finally {
            node.pushKib().release(kib);
        }
    }

    private void read(dev.holdfast.node.http.Session socket)
            throws ConnectionClosedException, InterruptedException {
        var incoming = socket.receive(Duration.ZERO);
        if (incoming.isEmpty()) return;
        mailbox.arrived(); // there may be more
        switch (incoming.get()) {
            case dev.holdfast.node.http.Session.Incoming.Binary(Bytes frame) -> frame(frame);
            case dev.holdfast.node.http.Session.Incoming.Text _ ->
                    bye(Message.Bye.Code.MALFORMED, "messages are binary");
            case dev.holdfast.node.http.Session.Incoming.Closed _ -> over = true;
        }
    }

    private void frame(Bytes frame) throws ConnectionClosedException, InterruptedException {
        Message message;
        try {
            Bytes encoded = Frames.message(frame);
            if (machine.client() == null && encoded.size() > Limits.HELLO_BYTES) {
                bye(Message.Bye.Code.UNEXPECTED, "say hello first");
                return;
            }
            // Room for it before it unfolds; what keeps a push takes the reservation over.
            reserve(room(encoded));
            message = MessageCodec.decode(encoded);
        } catch (MalformedException e) {
            bye(Message.Bye.Code.MALFORMED, String.valueOf(e.getMessage()));
            return;
        }
        node.meters().received(message, frame.size());
        received(message);
        reserve(0);
    }

    private void received(Message message) throws ConnectionClosedException, InterruptedException {
        if (message instanceof Message.Hello hello) {
            String fault = certificateFault(hello.grant().grant());
            if (fault.isEmpty()) fault = revocationFault(hello.grant());
            if (!fault.isEmpty()) {
                bye(Message.Bye.Code.UNAUTHORIZED, fault);
                return;
            }
        }
        step(new Session.Event.Received(message));
        if (entered != null) entered.heard(node.clock().millis());
        SignedGrant client = machine.client();
        if (entered != null || client == null) return;
        entered = node.clients().entered(client, mailbox, node.clock().millis());
        // A list that came since the hello was looked at told only those who were here already.
        String fault = revocationFault(client);
        if (!over && !fault.isEmpty()) bye(Message.Bye.Code.UNAUTHORIZED, fault);
        LOG.debug("session of {} {}", client.grant().role(), client.replica());
    }

    /**
     * Why the grant does not go with the certificate; empty where it does. The grant's own
     * signature is the machine's to judge. A stolen grant and replica key of one node are of no use
     * to another.
     */
    private String certificateFault(Grant grant) {
        if (!grant.role().isNode() || !node.settings().nodeCertificates()) return "";
        if (certified.isEmpty()) return "a node must present a certificate of the deployment's CA";
        return certified.get().equals(grant.subject())
                ? ""
                : "the certificate is "
                        + certified.get()
                        + "'s, but the grant is "
                        + grant.subject()
                        + "'s";
    }

    private String revocationFault(SignedGrant grant) {
        return node.revocations().of(grant).map(Revocation::words).orElse("");
    }

    private void handle(Mail mail) throws ConnectionClosedException, InterruptedException {
        switch (mail) {
            case Mail.Answered(Session.Event event) -> {
                underWay--;
                step(event);
            }
            case Mail.News(Session.Event event) -> step(event);
            case Mail.Failed(Throwable fault) -> {
                underWay--;
                LOG.error("a session of {} ends, since the node failed", replica(), fault);
                bye(Message.Bye.Code.FAILED, "this node failed: come again later");
            }
            case Mail.Dismissed(var code, String reason) -> bye(code, reason);
            case Mail.Nothing _ -> bye(Message.Bye.Code.CLOSING, "no hello in time: come again");
            case Mail.Arrived _ -> throw new IllegalStateException("nobody reads here");
        }
    }

    private void step(Session.Event event) throws ConnectionClosedException, InterruptedException {
        for (Session.Action action : machine.step(event, node.clock().millis())) {
            if (!over) perform(action);
        }
    }

    private void perform(Session.Action action)
            throws ConnectionClosedException, InterruptedException {
        switch (action) {
            case Session.Action.Send(Message message) -> line.send(message);
            case Session.Action.Verify(long id, var checks) ->
                    step(new Session.Event.Verified(id, node.signatures().verify(checks)));
            case Session.Action.Sign(long id, Bytes text) ->
                    step(new Session.Event.Signed(id, node.backend().sign(text)));
            case Session.Action.Look(Message.Subscribe subscribe) -> {
                if (!node.backend().serves(subscribe.scope())) {
                    bye(
                            Message.Bye.Code.FORBIDDEN,
                            "this node does not serve the scope " + subscribe.scope());
                    return;
                }
                // Before it is looked up, so that nothing falls between.
                node.hub().follow(subscribe.scope(), mailbox);
                SignedGrant client = Objects.requireNonNull(machine.client(), "a guest asked");
                ask(() -> {
                    node.backend().subscribed(subscribe.scope(), client);
                    return node.backend().looked(subscribe);
                });
            }
            case Session.Action.Keep keep -> keep(keep);
            case Session.Action.ReadFeed read -> {
                // Deep at most as the feed is behind the head that the machine has heard of.
                Session.Event.FeedRead remembered = node.backend().remembered(read);
                if (remembered == null) ask(() -> node.backend().read(read));
                else step(remembered);
            }
            case Session.Action.Close _ -> over = true;
        }
    }

    private void keep(Session.Action.Keep keep) {
        int kib = reservedKib;
        reservedKib = 0;
        ask(() -> {
            try {
                Session.Event.Kept kept = node.backend().keep(keep);
                node.meters().kept(kept);
                return kept;
            } finally {
                node.pushKib().release(kib);
            }
        });
    }

    private void ask(Supplier<Session.Event> question) {
        underWay++;
        node.threads()
                .execute(() -> {
                    try {
                        mailbox.put(new Mail.Answered(question.get()));
                    } catch (Throwable e) {
                        // Whatever it is, the session must hear of it, or it would wait for ever.
                        mailbox.put(new Mail.Failed(e));
                    }
                });
    }

    private static int room(Bytes encoded) {
        return Math.min(SyncNode.MESSAGE_KIB, Unfolding.kib(encoded));
    }

    /** Holds room for what is being worked on, in place of what was held before. */
    private void reserve(int kib) throws InterruptedException {
        node.pushKib().release(reservedKib);
        reservedKib = 0;
        node.pushKib().acquire(kib);
        reservedKib = kib;
    }

    private void bye(Message.Bye.Code code, String reason)
            throws ConnectionClosedException, InterruptedException {
        over = true;
        String said =
                reason.length() > MAX_REASON_CHARS ? reason.substring(0, MAX_REASON_CHARS) : reason;
        LOG.debug("bye to {}: {} {}", replica(), code, said);
        line.send(new Message.Bye(code, said));
    }

    private void leave() throws InterruptedException {
        reserve(0);
        for (String scope : machine.scopes()) node.hub().leave(scope, mailbox);
        SignedGrant client = machine.client();
        if (entered != null && client != null) node.clients().left(client.replica(), mailbox);
        mailbox.shut();
        while (underWay > 0) {
            Mail mail = mailbox.next(false, null);
            if (mail instanceof Mail.Answered || mail instanceof Mail.Failed) underWay--;
        }
    }

    private @Nullable Object replica() {
        SignedGrant client = machine.client();
        return client == null ? "somebody" : client.replica();
    }
}
