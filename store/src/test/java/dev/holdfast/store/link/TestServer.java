package dev.holdfast.store.link;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.MemoryStore;
import dev.holdfast.core.replica.MemoryTables;
import dev.holdfast.core.replica.Opening;
import dev.holdfast.core.sync.Intake;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.core.sync.Session;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Verifier;
import dev.holdfast.keys.wire.Frames;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import okio.Buffer;
import okio.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * An edge or a region for tests: core's {@link Session} and {@link Intake} over a store in memory,
 * behind a real TLS server that speaks WebSocket and posts. It can be told to be difficult.
 * Thread-safe by one lock.
 */
public final class TestServer implements AutoCloseable {
    private static final HeldCertificate CA =
            new HeldCertificate.Builder().certificateAuthority(0).commonName("test CA").build();
    private static final long YEAR_MILLIS = 365L * 86_400_000;

    private final ReplicaKey key;
    private final SignedGrant grant;
    private final Session.Server server;
    private final InstantSource clock;
    private final Entropy entropy;
    private final Verifier verifier = new Verifier();
    private final MemoryStore store = MemoryStore.durable();
    private final MockWebServer web = new MockWebServer();
    private final Accepted accepted = new Accepted();
    private final List<Live> live = new ArrayList<>();
    private final Bytes roundNonce;

    private boolean refusesSockets;
    private boolean refusesAll;
    private int framesUntilCut = Integer.MAX_VALUE;
    private int framesEach = Integer.MAX_VALUE;
    private int sessions;
    private int rounds;
    private Function<Session.Action.Keep, Session.Event.@Nullable Kept> keeping = keep -> null;

    private TestServer(
            ReplicaKey authority,
            Grant.Role role,
            Durability level,
            InstantSource clock,
            Entropy entropy)
            throws IOException {
        this.clock = clock;
        this.entropy = entropy;
        this.key = ReplicaKey.create(entropy);
        this.grant = grant(authority, key.publicKey(), role, clock.millis(), "test-node");
        this.server = new Session.Server(grant, Set.of(authority.publicKey()), level);
        this.roundNonce = entropy.bytes(32);
        store.write(tables -> {
            tables.putGrant(grant);
            return true;
        });
        HeldCertificate own =
                new HeldCertificate.Builder()
                        .signedBy(CA)
                        .addSubjectAlternativeName("localhost")
                        .addSubjectAlternativeName("edge.test")
                        .build();
        web.useHttps(
                new HandshakeCertificates.Builder()
                        .heldCertificate(own)
                        .build()
                        .sslSocketFactory());
        web.setServerSocketFactory(accepted);
        web.setDispatcher(new Answers());
        web.start(InetAddress.getLoopbackAddress(), 0);
    }

    /** An edge of the deployment of {@code authority}. */
    public static TestServer edge(ReplicaKey authority, InstantSource clock, Entropy entropy)
            throws IOException {
        return new TestServer(authority, Grant.Role.EDGE, Durability.EDGE, clock, entropy);
    }

    /** A region, whose acknowledgement is REGION. */
    public static TestServer region(ReplicaKey authority, InstantSource clock, Entropy entropy)
            throws IOException {
        return new TestServer(authority, Grant.Role.REGION, Durability.REGION, clock, entropy);
    }

    /** A grant for everything, by {@code authority}. */
    public static SignedGrant grant(
            ReplicaKey authority, Bytes publicKey, Grant.Role role, long now, String subject) {
        return grant(
                authority,
                new Grant(
                        publicKey,
                        subject,
                        role,
                        List.of(new Grant.Right(Grant.ANY, true, List.of(Grant.ANY))),
                        0,
                        now + YEAR_MILLIS,
                        0));
    }

    public static SignedGrant grant(ReplicaKey authority, Grant grant) {
        return SignedGrant.of(grant, authority.sign(SignedGrant.signedText(grant)));
    }

    public static byte[] caPem() {
        return CA.certificatePem().getBytes(StandardCharsets.US_ASCII);
    }

    public static PinnedTrust trust() {
        return PinnedTrust.ofPem(caPem(), "the test CA");
    }

    public URI endpoint() {
        return URI.create("https://localhost:" + web.getPort());
    }

    public int port() {
        return web.getPort();
    }

    public ReplicaId node() {
        return key.replica();
    }

    /** Looks into the store. */
    public synchronized <T> T read(Function<? super MemoryTables, T> work) {
        return store.read(work);
    }

    public synchronized <T> T write(Function<? super MemoryTables, T> work) {
        T answer = store.write(work);
        news();
        return answer;
    }

    /** Answers upgrades with 403 from now on, or no more. */
    public synchronized void refuseSockets(boolean refuse) {
        refusesSockets = refuse;
        if (refuse) cutAll();
    }

    /** Answers everything with 503 from now on, or no more; what is open is cut. */
    public synchronized void refuseAll(boolean refuse) {
        refusesAll = refuse;
        if (refuse) cutAll();
    }

    /** Cuts all when the {@code frames}-th frame from now, in or out, would pass. */
    public synchronized void cutAfter(int frames) {
        framesUntilCut = frames;
    }

    /** Waits for the cut that {@link #cutAfter(int)} asked for; false where it has not come yet. */
    public synchronized boolean isCutWithin(Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        while (framesUntilCut > 0) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) return false;
            try {
                wait(left);
            } catch (InterruptedException stopped) {
                throw new AssertionError(stopped);
            }
        }
        return true;
    }

    /** Cuts all whenever a session comes to its {@code frames}-th frame. */
    public synchronized void cutEachAfter(int frames) {
        framesEach = frames;
    }

    /** Answers pushes instead of the store, where it answers anything. */
    public synchronized void keeping(
            Function<Session.Action.Keep, Session.Event.@Nullable Kept> by) {
        keeping = by;
    }

    public synchronized int sessions() {
        return sessions;
    }

    public synchronized int rounds() {
        return rounds;
    }

    /**
     * As a region: says that everything of {@code replica} here has reached {@code level}, to all
     * who are there, and to those who ask later.
     */
    public synchronized void mark(String scope, ReplicaId replica, Durability level) {
        Span span =
                read(tables ->
                        Objects.requireNonNull(
                                Opening.whole(
                                        tables,
                                        scope,
                                        replica,
                                        tables.context(scope, replica).max())));
        Receipt receipt = new Receipt(key.replica(), scope, level, clock.millis(), List.of(span));
        Receipt.Signed signed = receipt.signed(key.sign(receipt.signedText()));
        write(tables -> {
            tables.putWatermark(signed);
            return true;
        });
        for (Live one : List.copyOf(live)) {
            one.step(new Session.Event.Marked(new Message.Watermark(grant, signed)));
        }
    }

    /** Cuts every connection, in the middle of whatever it carries. */
    public synchronized void cutAll() {
        live.clear();
        accepted.cutAll();
    }

    @Override
    public void close() {
        cutAll();
        web.close();
    }

    private void news() {
        for (Live one : List.copyOf(live)) {
            for (String scope : one.session.scopes()) {
                one.step(
                        new Session.Event.Grew(
                                scope, store.read(tables -> tables.feedHead(scope))));
            }
        }
    }

    /** Runs a session's machine to its rest. */
    private void step(Session session, Session.Event event, Consumer<Message> out, Runnable close) {
        long now = clock.millis();
        for (Session.Action action : session.step(event, now)) {
            Session.Event answer =
                    switch (action) {
                        case Session.Action.Send send -> {
                            out.accept(send.message());
                            yield null;
                        }
                        case Session.Action.Verify verify ->
                                new Session.Event.Verified(
                                        verify.id(),
                                        verify.checks().stream()
                                                .map(check ->
                                                        verifier.verify(
                                                                check.publicKey(),
                                                                check.text(),
                                                                check.signature()))
                                                .toList());
                        case Session.Action.Sign sign ->
                                new Session.Event.Signed(sign.id(), key.sign(sign.text()));
                        case Session.Action.Look look ->
                                store.read(tables ->
                                        new Intake(tables, key.replica(), Durability.APPLIED)
                                                .look(look.subscribe(), now));
                        case Session.Action.Keep keep -> kept(keep, now);
                        case Session.Action.ReadFeed read ->
                                store.read(tables -> Intake.read(tables, read));
                        case Session.Action.Close closing -> {
                            close.run();
                            yield null;
                        }
                    };
            if (answer != null) step(session, answer, out, close);
            if (answer instanceof Session.Event.Kept) news();
        }
    }

    private Session.Event.Kept kept(Session.Action.Keep keep, long now) {
        Session.Event.Kept instead = keeping.apply(keep);
        if (instead != null) return instead;
        return store.write(
                tables -> new Intake(tables, key.replica(), Durability.APPLIED).keep(keep, now));
    }

    private final class Live extends WebSocketListener {
        private final Session session = new Session(server, entropy.bytes(32));
        private @Nullable WebSocket socket;
        private int frames;

        @Override
        public void onOpen(WebSocket opened, okhttp3.Response response) {
            synchronized (TestServer.this) {
                socket = opened;
                live.add(this);
                sessions++;
                send(session.challenge());
            }
        }

        @Override
        public void onMessage(WebSocket from, ByteString bytes) {
            synchronized (TestServer.this) {
                if (!live.contains(this)) return;
                if (!passes()) {
                    cutAll();
                    return;
                }
                Bytes frame = Bytes.wrap(bytes.toByteArray());
                Message message = MessageCodec.decode(Frames.message(frame));
                step(new Session.Event.Received(message));
            }
        }

        @Override
        public void onClosing(WebSocket from, int code, String reason) {
            from.close(1000, null);
            gone();
        }

        @Override
        public void onFailure(
                WebSocket from, Throwable fault, okhttp3.@Nullable Response response) {
            gone();
        }

        void step(Session.Event event) {
            TestServer.this.step(session, event, this::send, this::goodbye);
        }

        private void send(Message message) {
            WebSocket open = socket;
            if (open == null || !live.contains(this)) return;
            if (!passes()) {
                cutAll();
                return;
            }
            Bytes frame = Frames.frame(MessageCodec.encode(message));
            open.send(ByteString.of(frame.unsafeArray()));
        }

        /** Counts a frame; answers whether it may pass. */
        private boolean passes() {
            if (--framesUntilCut == 0) TestServer.this.notifyAll();
            return framesUntilCut > 0 && ++frames < framesEach;
        }

        private void goodbye() {
            WebSocket open = socket;
            if (open != null) open.close(1000, null);
            gone();
        }

        private void gone() {
            synchronized (TestServer.this) {
                live.remove(this);
            }
        }
    }

    private final class Answers extends Dispatcher {
        @Override
        public MockResponse dispatch(RecordedRequest request) {
            synchronized (TestServer.this) {
                if (!request.getTarget().equals("/v1/sync")) return status(404);
                if (refusesAll) return status(503);
                if (request.getMethod().equals("POST")) return round(request);
                if (refusesSockets) return status(403);
                return new MockResponse.Builder().webSocketUpgrade(new Live()).build();
            }
        }

        private MockResponse round(RecordedRequest request) {
            ByteString raw = request.getBody();
            Bytes body = raw == null ? Bytes.EMPTY : Bytes.wrap(raw.toByteArray());
            Session session = new Session(server, roundNonce);
            CborWriter out = new CborWriter(1024);
            if (body.size() == 0) {
                MessageCodec.write(session.challenge(), out);
            } else {
                rounds++;
                boolean zstd = "zstd".equals(request.getHeaders().get("Content-Encoding"));
                Bytes plain = zstd ? Frames.decompress(body, 4 << 20) : body;
                for (Message message : MessageCodec.decodeAll(plain)) {
                    TestServer.this.step(
                            session,
                            new Session.Event.Received(message),
                            said -> MessageCodec.write(said, out),
                            () -> {});
                }
            }
            Bytes compressed = Frames.compress(out.toBytes());
            return new MockResponse.Builder()
                    .setHeader("Content-Type", "application/cbor")
                    .setHeader("Content-Encoding", "zstd")
                    .body(new Buffer().write(compressed.unsafeArray()))
                    .build();
        }

        private static MockResponse status(int code) {
            return new MockResponse.Builder().code(code).build();
        }
    }
}
