package dev.holdfast.web.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignatureCheck;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Author;
import dev.holdfast.core.replica.AuthorState;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.MemoryStore;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.schema.View;
import dev.holdfast.core.sync.Intake;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.core.sync.Patience;
import dev.holdfast.core.sync.Session;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A random history of a device over an {@link Image}: it writes, connects to a real session, hears
 * what others wrote, loses flushes and connections, and is opened anew from what was flushed.
 * Everything that is asked of it and everything that it answers is noted, so that another build of
 * the same code can be asked the same and held against it. Signatures are hashes.
 */
final class History {
    static final String SCOPE = "clinic-7";
    static final String SCHEMA =
            "{\"patients\":{\"fields\":{\"visits\":{\"kind\":\"counter\"},"
                    + "\"allergies\":{\"kind\":\"set\"}}}}";

    private static final int STEPS = 150;
    private static final Bytes AUTHORITY = Bytes.wrap(new byte[32]);

    final List<Value> notes = new ArrayList<>();

    private final Random random;
    private final Schema schema = Schema.parse(SCHEMA);
    private final Bytes key = key(1);
    private final ReplicaId self = ReplicaId.ofKey(key);
    private final SignedGrant grant = grant(1, Grant.Role.DEVICE);
    private final Durability level;
    private final SignedGrant serverGrant;
    private final MemoryStore server = MemoryStore.durable();
    private final Patience patience = new Patience();

    /** What would be in IndexedDB. */
    private final TreeMap<Bytes, Bytes> kept = new TreeMap<>();

    private Image image;
    private @Nullable Exchange exchange;
    private @Nullable Session session;
    private final ArrayDeque<Bytes> toClient = new ArrayDeque<>();
    private final ArrayDeque<Session.Event> toServer = new ArrayDeque<>();
    private long now = 1_700_000_000_000L;

    History(long seed) {
        random = new Random(seed);
        boolean isRegion = random.nextBoolean();
        level = isRegion ? Durability.REGION : Durability.EDGE;
        serverGrant = grant(2, isRegion ? Grant.Role.REGION : Grant.Role.EDGE);
        server.write(tables -> {
            tables.putGrant(serverGrant);
            return true;
        });
        image = Image.of(self, List.of());
        note("new", key.hex(), SCHEMA);
        enrol();
    }

    private void enrol() {
        image.write(tables -> {
            tables.putGrant(grant);
            return true;
        });
        note("enrol", grant.encoded().hex());
    }

    /** Goes through it, and comes to a good end. */
    void run() {
        for (int step = 0; step < STEPS; step++) {
            now += random.nextInt(400);
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> write();
                case 3 -> otherWrites();
                case 4 -> connect();
                case 5, 6, 7 -> receive();
                case 8 -> flush();
                case 9 -> {
                    if (exchange != null) {
                        exchange.tick(now);
                        note("tick", now);
                        pump();
                    }
                }
                case 10 -> show();
                default -> fail();
            }
        }
        flush();
        connect();
        while (!toClient.isEmpty()) receive();
        for (DocumentId id : documents()) {
            Bytes here = image.read(tables -> tables.document(SCOPE, id).encoded());
            Bytes there = server.read(tables -> tables.document(SCOPE, id).encoded());
            assertThat(here).as(id.toString()).isEqualTo(there);
        }
        show();
        Durability least = image.<@Nullable Durability>read(History::pending);
        assertThat(least).isIn(null, Durability.EDGE);
        reopen();
        show();
    }

    /** Of all that was written. */
    private static @Nullable Durability pending(ImageTables tables) {
        AuthorState state = tables.author(SCOPE);
        return state == null ? null : tables.pending(SCOPE, 1, state.nextSeq() - 1);
    }

    private static List<DocumentId> documents() {
        List<DocumentId> documents = new ArrayList<>();
        for (int i = 0; i < 5; i++) documents.add(new DocumentId("patients", "p" + i));
        return documents;
    }

    // The device.

    private void write() {
        List<Value> asked = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) asked.add(change());
        Value changes = new Value.Array(asked);
        Author.Written written =
                image.write(tables ->
                        new Author(tables, self, schema)
                                .write(SCOPE, Changes.of(changes), null, now));
        note(
                "write",
                SCOPE,
                CborWriter.encode(changes).hex(),
                now,
                written.first(),
                written.last());
        if (exchange == null || random.nextBoolean()) return;
        exchange.grew(SCOPE, now);
        note("grew", SCOPE, now);
        pump();
    }

    private Value change() {
        Value id = Value.of("p" + random.nextInt(5));
        return switch (random.nextInt(8)) {
            case 0 -> change(id, "put", "name", value());
            case 1 -> change(id, "put", "", Value.from(Map.of("name", random.nextInt(9))));
            case 2 -> change(id, "patch", "", patch());
            case 3 -> change(id, "increment", "visits", Value.of(random.nextInt(9) - 3L));
            case 4, 5 -> change(id, "add", "allergies", Value.of(random.nextInt(4)));
            case 6 -> change(id, "remove", "allergies", Value.of(random.nextInt(4)));
            default ->
                    random.nextInt(3) == 0
                            ? change(id, "delete", "", Value.NIL)
                            : change(id, "unset", "address", Value.NIL);
        };
    }

    private static Value change(Value id, String what, String path, Value value) {
        return Value.array(Value.of("patients"), id, Value.of(what), Value.of(path), value);
    }

    private Value patch() {
        return new Value.Map(
                Map.of(
                        "address",
                        new Value.Map(Map.of("city", value(), "zip", Value.of(random.nextInt(99)))),
                        "note",
                        random.nextBoolean() ? Value.NIL : value()));
    }

    private Value value() {
        return switch (random.nextInt(6)) {
            case 0 -> Value.TRUE;
            case 1 -> Value.of(random.nextLong());
            case 2 -> Value.number(random.nextInt(1000) / 8.0 + 0.1);
            case 3 -> Value.of(Bytes.wrap(new byte[] {1, 2, (byte) random.nextInt()}));
            case 4 -> Value.array(Value.of("Zoë 😀"), Value.FALSE);
            default -> Value.of("n" + random.nextInt(20));
        };
    }

    private void show() {
        for (DocumentId id : documents()) {
            View view =
                    image.read(tables ->
                            View.of(
                                    tables.document(SCOPE, id),
                                    schema.collection(id.collection())));
            Durability pending =
                    image.<@Nullable Durability>read(tables -> tables.pending(SCOPE, id));
            note(
                    "show",
                    SCOPE,
                    id.collection(),
                    id.id(),
                    view.exists() ? CborWriter.encode(view.fields()).hex() : "",
                    view.conflicts().size(),
                    pending == null ? "" : Replica.word(pending));
        }
    }

    // Its durable store.

    /** What changed becomes durable, or is lost. */
    private void flush() {
        List<Image.Row> rows = image.take();
        note("take", digest(rows));
        if (exchange == null && random.nextInt(6) == 0) {
            image.lost();
            note("lost");
            enrol();
            return;
        }
        keep(rows);
        image.flushed();
        note("flushed-rows");
    }

    private void keep(List<Image.Row> rows) {
        for (Image.Row row : rows) {
            Bytes content = row.content();
            if (content == null) kept.remove(row.name());
            else kept.put(row.name(), content);
        }
    }

    private static String digest(List<Image.Row> rows) {
        CborWriter out = new CborWriter();
        for (Image.Row row : rows) {
            out.bytes(row.name());
            Bytes content = row.content();
            if (content == null) out.nil();
            else out.bytes(content);
        }
        return Sha256.of(out.toBytes()).hex();
    }

    /** The connection breaks, or the tab is closed. */
    private void fail() {
        exchange = null;
        session = null;
        toClient.clear();
        toServer.clear();
        note("disconnect");
        if (random.nextBoolean()) reopen();
    }

    private void reopen() {
        exchange = null;
        List<Image.Row> rows = new ArrayList<>();
        kept.forEach((name, content) -> rows.add(new Image.Row(name, content)));
        image = Image.of(self, rows);
        note("reopen");
        // Before the first flush there is no grant in it.
        enrol();
    }

    // Its sessions.

    private void connect() {
        toClient.clear();
        toServer.clear();
        session =
                new Session(
                        new Session.Server(serverGrant, Set.of(AUTHORITY), level),
                        Bytes.wrap(new byte[16]));
        exchange =
                new Exchange(
                        image,
                        Granted.of(grant),
                        Set.of(AUTHORITY),
                        schema,
                        level,
                        patience,
                        false);
        note("session", AUTHORITY.hex(), Replica.word(level));
        Bytes own = Bytes.wrap(new byte[16]);
        exchange.begin(own, session.challenge(), Set.of(SCOPE), now);
        note("begin", own.hex(), MessageCodec.encode(session.challenge()).hex(), SCOPE, now);
        pump();
    }

    private void receive() {
        Exchange open = exchange;
        Bytes message = toClient.poll();
        if (open == null || message == null) return;
        open.received(MessageCodec.decode(message), now);
        note("received", message.hex(), now);
        pump();
    }

    /** Does what is wanted until nothing is, and lets the server answer. */
    private void pump() {
        while (true) {
            Exchange open = exchange;
            if (open == null) return;
            Exchange.Want want = open.next(now);
            note("next", now, want == null ? "" : said(want));
            if (want == null) {
                if (!serve()) return;
                continue;
            }
            switch (want) {
                case Exchange.Want.Send send ->
                        toServer.add(
                                new Session.Event.Received(MessageCodec.decode(send.message())));
                case Exchange.Want.Sign sign -> {
                    open.signed(signature(sign.text()), now);
                    note("signed", signature(sign.text()).hex(), now);
                }
                case Exchange.Want.Verify verify -> {
                    List<Boolean> answers = verify.checks().stream().map(check -> true).toList();
                    open.verified(answers, now);
                    note("verified", answers.size(), now);
                }
                case Exchange.Want.Flush flush -> {
                    List<Image.Row> rows = image.take();
                    note("take", digest(rows));
                    keep(rows);
                    image.flushed();
                    note("flushed-rows");
                    open.flushed(now);
                    note("flushed", now);
                }
                case Exchange.Want.Closed closed -> throw new AssertionError(closed.reason());
                case Exchange.Want.Welcomed welcomed -> {}
                case Exchange.Want.Time time -> {}
                case Exchange.Want.Refused refused -> {}
            }
        }
    }

    private static String said(Exchange.Want want) {
        return switch (want) {
            case Exchange.Want.Send send -> "send " + send.message().hex();
            case Exchange.Want.Sign sign -> "sign " + sign.text().hex();
            case Exchange.Want.Verify verify -> {
                StringBuilder text = new StringBuilder("verify");
                for (SignatureCheck check : verify.checks())
                    text.append(' ')
                            .append(check.publicKey().hex())
                            .append('.')
                            .append(check.text().hex())
                            .append('.')
                            .append(check.signature().hex());
                yield text.toString();
            }
            case Exchange.Want.Flush flush -> "flush";
            case Exchange.Want.Welcomed welcomed -> "welcomed";
            case Exchange.Want.Time time -> "time";
            case Exchange.Want.Refused refused -> "refused";
            case Exchange.Want.Closed closed -> "closed";
        };
    }

    // The server.

    /** Answers whether there was anything to do. */
    private boolean serve() {
        Session open = session;
        if (open == null || toServer.isEmpty()) return false;
        while (!toServer.isEmpty())
            for (Session.Action action : open.step(toServer.remove(), now)) act(action);
        return true;
    }

    private void act(Session.Action action) {
        switch (action) {
            case Session.Action.Send send -> toClient.add(MessageCodec.encode(send.message()));
            case Session.Action.Sign sign ->
                    toServer.add(new Session.Event.Signed(sign.id(), signature(sign.text())));
            case Session.Action.Verify verify ->
                    toServer.add(
                            new Session.Event.Verified(
                                    verify.id(),
                                    verify.checks().stream().map(check -> true).toList()));
            case Session.Action.Look look ->
                    toServer.add(
                            server.<Session.Event>read(
                                    tables -> intake(tables).look(look.subscribe(), now)));
            case Session.Action.Keep keep -> {
                toServer.add(server.<Session.Event>write(tables -> intake(tables).keep(keep, now)));
                grew();
            }
            case Session.Action.ReadFeed read ->
                    toServer.add(server.<Session.Event>read(tables -> Intake.read(tables, read)));
            case Session.Action.Close close -> throw new AssertionError("the server closed");
        }
    }

    private Intake intake(dev.holdfast.core.replica.ReplicaTables tables) {
        return new Intake(tables, serverGrant.replica(), Durability.APPLIED);
    }

    private void grew() {
        toServer.add(new Session.Event.Grew(SCOPE, server.read(tables -> tables.feedHead(SCOPE))));
    }

    /** Another device writes, at the server itself, over what that has. */
    private void otherWrites() {
        SignedGrant other = serverGrant;
        List<Value> asked = List.of(change(), change());
        server.write(tables -> {
            Author author = new Author(tables, other.replica(), schema);
            author.write(SCOPE, Changes.of(new Value.Array(asked)), null, now);
            Batch.Draft draft = author.draft(SCOPE);
            if (draft == null) return true;
            return author.seal(draft.signed(signature(draft.signedText())), now) != null;
        });
        if (session == null) return;
        grew();
        serve();
    }

    // Notes.

    private void note(Object... parts) {
        List<Value> values = new ArrayList<>();
        for (Object part : parts) values.add(Value.from(part));
        notes.add(new Value.Array(values));
    }

    private static Bytes signature(Bytes text) {
        Bytes half = Sha256.of(text);
        return half.concat(half);
    }

    private static Bytes key(int number) {
        return Sha256.of(Bytes.wrap(new byte[] {(byte) number}));
    }

    private static SignedGrant grant(int number, Grant.Role role) {
        Grant grant =
                new Grant(
                        key(number),
                        "node-" + number,
                        role,
                        List.of(new Grant.Right(Grant.ANY, true, List.of(Grant.ANY))),
                        0,
                        1L << 45,
                        0);
        return SignedGrant.of(grant, signature(SignedGrant.signedText(grant)));
    }
}
