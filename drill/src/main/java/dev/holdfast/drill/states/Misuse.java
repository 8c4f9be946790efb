package dev.holdfast.drill.states;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.drill.rings.DeviceMain;
import dev.holdfast.drill.rings.Rings;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.wire.Frames;
import dev.holdfast.node.grants.Bearer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Everything that a node must refuse and forget: bad bodies, signatures, grants, scopes and paths,
 * over HTTPS, over rounds of the protocol and over WebSockets. Used by one thread.
 */
final class Misuse {
    /**
     * What was tried.
     *
     * @param answer a status, or the kind and code of a message
     */
    record Outcome(String what, boolean refused, String answer) {}

    private static final String JSON = "application/json";
    private static final DocumentId DOCUMENT = new DocumentId("notes", "misused");
    private static final String PATH = path(Rings.SCOPE, DOCUMENT.collection(), DOCUMENT.id());
    private static final String ELSEWHERE = "clinic-of-somebody-else";
    private static final int HUGE_BYTES = 10_000_000;
    private static final long SEQ = 1_000;

    /** Each is put where a scope, a collection and an id belong. */
    private static final List<String> TRICKS =
            List.of("..", "%2e%2e", "%00", "a%2fb", "a%5cb", "%c0%af", "%ff", "a%0d%0ab");

    private final Caller caller;
    private final SignedGrant expired;
    private final SignedGrant foreign;
    private final ReplicaKey key;
    private final Forger forger;
    private final Optional<String> bearer;
    private final List<Outcome> outcomes = new ArrayList<>();

    /**
     * @param grant one that counts, so that nothing is refused for the lack of it
     */
    Misuse(
            Caller caller,
            ReplicaKey key,
            SignedGrant grant,
            SignedGrant expired,
            SignedGrant foreign) {
        this.caller = caller;
        this.key = key;
        this.expired = expired;
        this.foreign = foreign;
        this.forger = new Forger(key, grant);
        this.bearer = bearer(grant);
    }

    /** Tries all of it. */
    List<Outcome> all() throws IOException, InterruptedException {
        outcomes.clear();
        bodies();
        grants();
        paths();
        rounds();
        sockets();
        return List.copyOf(outcomes);
    }

    private void bodies() throws InterruptedException {
        put("a field of 10 MB", bearer, PATH, object("x".repeat(HUGE_BYTES)));
        put("a field over the limit", bearer, PATH, object("x".repeat(Limits.VALUE_BYTES + 1)));
        put("JSON that breaks off", bearer, PATH, "{\"name\": \"A");
        put("JSON with a rest", bearer, PATH, "{} {}");
        put("JSON that is no object", bearer, PATH, "[1]");
        put("JSON nested without end", bearer, PATH, "{\"a\":" + "[".repeat(100_000));
        put("a name that is no path", bearer, PATH, "{\"a..b\": 1}");
        put("half a surrogate", bearer, PATH, "{\"a\": \"\\ud800\"}");
        HttpStatus.of("another type", caller.send("PUT", PATH, "text/plain", bearer, utf8("{}")))
                .addTo(outcomes);
        HttpStatus.of(
                        "a zip bomb of a round",
                        caller.send("POST", "/v1/sync", JSON, bearer, utf8("{}")))
                .addTo(outcomes);
    }

    private void grants() throws InterruptedException {
        put("no grant", Optional.empty(), PATH, "{}");
        put("a grant that is none", Optional.of("Bearer AAAA"), PATH, "{}");
        put("an expired grant", bearer(expired), PATH, object("x"));
        put("a foreign grant", bearer(foreign), PATH, object("x"));
        String elsewhere = path(ELSEWHERE, DOCUMENT.collection(), DOCUMENT.id());
        put("an unknown scope", bearer, elsewhere, object("x"));
        String forbidden = path(Rings.SCOPE, DeviceMain.FORBIDDEN, "x");
        put("a collection that is not granted", bearer, forbidden, object("x"));
    }

    private void paths() throws InterruptedException {
        for (String trick : TRICKS) {
            String what = "a path with " + trick;
            put(what + " as scope", bearer, path(trick, "notes", "x"), object("x"));
            put(what + " as collection", bearer, path(Rings.SCOPE, trick, "x"), object("x"));
            put(what + " as id", bearer, path(Rings.SCOPE, "notes", trick), object("x"));
        }
        put("an id that is too long", bearer, path(Rings.SCOPE, "notes", "x".repeat(300)), "{}");
    }

    /** Over {@code POST /v1/sync}. */
    private void rounds() throws IOException, InterruptedException {
        round("CBOR that is none", Bytes.wrap(new byte[] {1, 2, 3}));
        round("a round over the limit", Bytes.wrap(new byte[HUGE_BYTES]));
        Bytes good = forger.push(caller.challenge(), batch());
        round("a round that breaks off", good.slice(0, good.size() - 7));
        round("a round with a rest", good.concat(Bytes.wrap(new byte[] {0x7f})));
        round("a wrong signature", forger.push(caller.challenge(), wronglySigned(64)));
        round("a signature of 63 bytes", forger.push(caller.challenge(), wronglySigned(63)));
        round("no signature", forger.push(caller.challenge(), wronglySigned(0)));
        Batch elsewhere = forger.batch(ELSEWHERE, SEQ, DOCUMENT, edit());
        round("a push to an unknown scope", forger.push(caller.challenge(), elsewhere));
        round(
                "an expired grant in a round",
                new Forger(key, expired).push(caller.challenge(), batch()));
        round(
                "a foreign grant in a round",
                new Forger(key, foreign).push(caller.challenge(), batch()));
        Message.Challenge challenge = caller.challenge();
        Message.Hello hello = forger.hello(challenge);
        Message.Hello unproven =
                new Message.Hello(
                        Message.VERSION,
                        hello.grant(),
                        hello.nonce(),
                        hello.own(),
                        Bytes.wrap(new byte[64]));
        round("a hello without a proof", Forger.round(unproven));
    }

    private void sockets() throws IOException, InterruptedException {
        socket("text on a socket", true, challenge -> List.of(ByteBuffer.allocate(0)));
        byte[] junk = new byte[100];
        Arrays.fill(junk, (byte) 0xff);
        socket("a frame that is none", false, challenge -> List.of(ByteBuffer.wrap(junk)));
        socket(
                "a frame of 10 MB",
                false,
                challenge -> List.of(ByteBuffer.wrap(new byte[HUGE_BYTES])));
        Bytes bomb = Frames.compress(Bytes.wrap(new byte[HUGE_BYTES]));
        socket(
                "a frame that unpacks to 10 MB",
                false,
                challenge -> List.of(ByteBuffer.wrap(prefixed(bomb))));
        for (int size : List.of(64, 63)) {
            Batch batch = wronglySigned(size);
            Message.Push push =
                    new Message.Push(
                            Rings.SCOPE, List.of(forger.grant()), List.of(batch), List.of());
            socket(
                    "a wrong signature of " + size + " bytes on a socket",
                    false,
                    challenge ->
                            List.of(
                                    frame(forger.hello(challenge)),
                                    frame(Forger.subscribe(Rings.SCOPE)),
                                    frame(push)));
        }
        socket(
                "a foreign grant on a socket",
                false,
                challenge -> List.of(frame(new Forger(key, foreign).hello(challenge))));
    }

    private Batch batch() {
        return forger.batch(SEQ, DOCUMENT);
    }

    private Batch wronglySigned(int bytes) {
        Batch batch = batch();
        Bytes signature =
                bytes == 64 ? Bytes.wrap(new byte[64]) : batch.signature().slice(0, bytes);
        return new Batch(batch.body(), batch.bytes(), batch.hash(), signature);
    }

    private static Edit edit() {
        return Edit.put(Key.register("name"), Value.of("x"), List.of());
    }

    // Trying.

    private void put(String what, Optional<String> authorization, String path, String body)
            throws InterruptedException {
        HttpStatus.of(what, caller.send("PUT", path, JSON, authorization, utf8(body)))
                .addTo(outcomes);
    }

    /** An answer to be judged by its status alone. */
    private record HttpStatus(String what, Caller.Answer answer) {
        static HttpStatus of(String what, Caller.Answer answer) {
            return new HttpStatus(what, answer);
        }

        void addTo(List<Outcome> outcomes) {
            int status = answer.status();
            outcomes.add(
                    new Outcome(what, status >= 400 && status < 500, Integer.toString(status)));
        }
    }

    private void round(String what, Bytes body) throws InterruptedException {
        Caller.Answer answer = caller.sync(body);
        if (answer.status() == 200)
            outcomes.add(judged(what, MessageCodec.decodeAll(answer.body())));
        else new HttpStatus(what, answer).addTo(outcomes);
    }

    private void socket(String what, boolean text, Caller.Said said)
            throws IOException, InterruptedException {
        outcomes.add(judged(what, caller.socket(text, said)));
    }

    /** Refused is what a message says so of, and none acknowledges. */
    private Outcome judged(String what, List<Message> answers) {
        String answer = "nothing";
        boolean refused = false;
        for (Message message : answers) {
            switch (message) {
                case Message.Ack ack when speaksOf(ack) -> {
                    return new Outcome(what, false, "acknowledged");
                }
                case Message.Reject reject -> {
                    refused = true;
                    answer = "reject " + reject.rejection().code().text();
                }
                case Message.Bye bye -> {
                    refused = true;
                    answer = "bye " + bye.code() + " " + bye.reason();
                }
                default -> {}
            }
        }
        return new Outcome(what, refused, answer);
    }

    /** Others are about what was pushed honestly, before. */
    private boolean speaksOf(Message.Ack ack) {
        Batch batch = batch();
        return ack.receipt().receipt().spans().stream()
                .anyMatch(span ->
                        span.replica().equals(batch.author()) && span.to() >= batch.first());
    }

    private static String path(String scope, String collection, String id) {
        return "/v1/scopes/" + scope + "/collections/" + collection + "/documents/" + id;
    }

    private static String object(String value) {
        return "{\"name\": \"" + value + "\"}";
    }

    private static Optional<String> bearer(SignedGrant grant) {
        return Optional.of(Bearer.header(grant.encoded()));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static ByteBuffer frame(Message message) {
        return ByteBuffer.wrap(Frames.frame(MessageCodec.encode(message)).toArray());
    }

    /** Marked as packed. */
    private static byte[] prefixed(Bytes packed) {
        byte[] framed = new byte[packed.size() + 1];
        framed[0] = 1;
        System.arraycopy(packed.unsafeArray(), 0, framed, 1, packed.size());
        return framed;
    }
}
