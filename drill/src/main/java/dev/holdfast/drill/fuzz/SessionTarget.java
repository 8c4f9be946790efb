package dev.holdfast.drill.fuzz;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.merge.Comparison;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.BatchBody;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Edit;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Operation;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.operation.Transaction;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.drill.sim.EdgeUnderFire;
import java.util.List;
import java.util.Random;

/**
 * The session's machine on a simulated edge: a client with a good grant and key says what it
 * should, mutated. Half of what it pushes is mutated first and then signed, so that it gets past
 * the signatures and into the merge. Afterwards an honest client must be served as ever.
 */
final class SessionTarget implements Target {
    private static final int MESSAGES = 8;

    /** Beyond what the message itself costs: the world's own work, and the answers. */
    private static final long BASE_BYTES = 4 << 20;

    private static final long BYTES_PER_BYTE = 1_000;

    @Override
    public String name() {
        return "session";
    }

    @Override
    public Outcome run(long seed, long number) {
        Random dice = Target.dice(seed, name(), number);
        return new Case(dice, new EdgeUnderFire(dice.nextLong())).run();
    }

    private static final class Case {
        private final Random dice;
        private final EdgeUnderFire edge;
        private final Samples samples;
        private final Mutator mutator;
        private final SignedGrant grant;
        private final SignedGrant other;
        private long next = 1;
        private Bytes last = Bytes.EMPTY;
        private boolean refused;

        Case(Random dice, EdgeUnderFire edge) {
            this.dice = dice;
            this.edge = edge;
            samples = new Samples(dice);
            mutator = new Mutator(dice);
            Grant.Role[] roles = {
                Grant.Role.DEVICE, Grant.Role.DEVICE, Grant.Role.EDGE, Grant.Role.REGION
            };
            grant = edge.newGrant("client", roles[dice.nextInt(4)]);
            other = edge.newGrant("other", roles[dice.nextInt(4)]);
        }

        Outcome run() {
            EdgeUnderFire.Line line = edge.dial();
            List<Message> opening = List.of(hello(line.challenge(), grant), subscribe());
            for (Message message : opening) {
                Outcome outcome = say(line, mutated(message, 10));
                if (outcome instanceof Outcome.Found) return outcome;
            }
            for (int i = dice.nextInt(MESSAGES); i >= 0; i--) {
                Outcome outcome = say(line, mutated(message(), 2));
                if (outcome instanceof Outcome.Found) return outcome;
            }
            return honest();
        }

        /** Mutated once in so many times. */
        private Bytes mutated(Message message, int seldom) {
            Bytes encoded = MessageCodec.encode(message);
            return dice.nextInt(seldom) == 0
                    ? mutator.bytes(encoded, MessageCodec.encode(message()))
                    : encoded;
        }

        private Outcome say(EdgeUnderFire.Line line, Bytes message) {
            long before = Allocated.bytes();
            EdgeUnderFire.Effect effect;
            try {
                effect = line.say(message);
            } catch (RuntimeException | AssertionError | StackOverflowError | OutOfMemoryError e) {
                return new Outcome.Found("the edge threw " + e + " at " + at(e), message);
            }
            long cost = Allocated.bytes() - before;
            // What is answered costs as well, and here the client's reading of it: of a feed,
            // pages.
            long said = message.size();
            for (Message answer : effect.answers()) said += MessageCodec.encode(answer).size();
            if (cost > BASE_BYTES + BYTES_PER_BYTE * said)
                return new Outcome.Found(
                        "%,d bytes were allocated for %,d in and out".formatted(cost, said),
                        message);
            // A fork is refused, and kept aside.
            boolean kept = false;
            for (Message answer : effect.answers()) {
                kept |= answer instanceof Message.Ack;
                if (answer instanceof Message.Reject reject) {
                    kept |= reject.rejection().code() == Rejection.Code.FORK;
                    refused = true;
                }
                refused |= answer instanceof Message.Bye;
            }
            refused |= effect.closed();
            if (effect.wrote() && !kept)
                return new Outcome.Found(
                        "a message that was not taken touched the tables", message);
            return refused ? REFUSED : TAKEN;
        }

        private static String at(Throwable fault) {
            StackTraceElement[] trace = fault.getStackTrace();
            return trace.length == 0 ? "nowhere" : trace[0].toString();
        }

        /** Somebody else is served, whatever was said before. */
        private Outcome honest() {
            EdgeUnderFire.Line line = edge.dial();
            SignedGrant fresh = edge.newGrant("honest", Grant.Role.DEVICE);
            line.say(MessageCodec.encode(hello(line.challenge(), fresh)));
            line.say(MessageCodec.encode(subscribe()));
            Bytes push = MessageCodec.encode(push(fresh, honestBatch(fresh), List.of()));
            boolean acknowledged =
                    line.say(push).answers().stream().anyMatch(Message.Ack.class::isInstance);
            if (!acknowledged)
                return new Outcome.Found("an honest push was not acknowledged", push);
            return refused ? REFUSED : TAKEN;
        }

        private Batch honestBatch(SignedGrant author) {
            Edit edit = Edit.put(Key.register("name"), samples.value(3), List.of());
            Operation operation =
                    new Operation(
                            new Dot(author.replica(), 1),
                            Hlc.of(edge.nowMillis(), 0),
                            "notes",
                            "p-1",
                            List.of(edit));
            BatchBody body =
                    new BatchBody(
                            Samples.SCOPE,
                            author.replica(),
                            1,
                            Bytes.EMPTY,
                            List.of(new Transaction(null, List.of(operation))));
            Batch.Draft draft = Batch.draft(body);
            return draft.signed(edge.sign(author, draft.signedText()));
        }

        private Message.Hello hello(Message.Challenge challenge, SignedGrant grant) {
            Bytes own = samples.bytes(16);
            Bytes proof =
                    edge.sign(grant, Message.proofText(challenge.node(), challenge.nonce(), own));
            return new Message.Hello(Message.VERSION, grant, challenge.nonce(), own, proof);
        }

        private Message.Subscribe subscribe() {
            boolean knows = dice.nextBoolean();
            return new Message.Subscribe(
                    Samples.SCOPE,
                    knows ? samples.cursor() : null,
                    samples.bytes(dice.nextBoolean() ? 0 : 32),
                    samples.context(),
                    samples.intervals());
        }

        private Message message() {
            return switch (dice.nextInt(11)) {
                case 0 -> subscribe();
                case 1 -> new Message.Took(Samples.SCOPE, dice.nextInt(9));
                case 2 ->
                        new Message.Have(
                                Samples.SCOPE,
                                new Comparison(
                                        samples.bytes(16), samples.bytes(32), samples.context()),
                                dice.nextBoolean());
                case 3 -> samples.message();
                case 4 -> new Message.Ask(Samples.SCOPE, samples.context());
                default -> push();
            };
        }

        private Message push() {
            SignedGrant author = dice.nextInt(3) > 0 ? grant : other;
            long first = dice.nextInt(3) > 0 ? next : 1 + dice.nextInt(9);
            Batch batch = signed(author, draft(author, first, last));
            if (author.equals(grant) && first == next) {
                next = batch.last() + 1;
                last = batch.hash();
            }
            Receipt receipt =
                    new Receipt(
                            grant.replica(),
                            Samples.SCOPE,
                            Durability.EDGE,
                            dice.nextBoolean() ? edge.nowMillis() : 0,
                            List.of(Span.of(batch)));
            Receipt.Signed vouched = receipt.signed(edge.sign(grant, receipt.signedText()));
            return push(author, batch, dice.nextBoolean() ? List.of(vouched) : List.of());
        }

        private static Message.Push push(
                SignedGrant author, Batch batch, List<Receipt.Signed> receipts) {
            return new Message.Push(Samples.SCOPE, List.of(author), List.of(batch), receipts);
        }

        private Batch.Draft draft(SignedGrant author, long first, Bytes previous) {
            return first == 1 || previous.size() == 0
                    ? samples.draft(Samples.SCOPE, author.replica(), first)
                    : samples.chained(Samples.SCOPE, author.replica(), first, previous);
        }

        /** Signed, and before that mutated as far as its form allows. */
        private Batch signed(SignedGrant author, Batch.Draft draft) {
            Batch.Draft signed = draft;
            for (int tries = dice.nextInt(2) * 10; tries > 0; tries--) {
                Bytes mutated = mutator.bytes(draft.bytes(), draft.bytes());
                try {
                    BatchBody body = body(mutated);
                    signed = Batch.draft(body);
                    break;
                } catch (MalformedException e) {
                    // Not in form any more: it would get no further than the codec.
                }
            }
            return signed.signed(edge.sign(author, signed.signedText()));
        }

        private static BatchBody body(Bytes bytes) {
            return Batch.decode(
                            Samples.written(out -> out.array(2).bytes(bytes).bytes(Bytes.EMPTY)))
                    .body();
        }
    }
}
