package dev.holdfast.drill.fuzz;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.merge.Comparison;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.drill.bench.EdgeChild;
import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.process.Tool;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.PinnedTrust;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.wire.Frames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real edge in a process of its own, over TLS: mutated bodies to {@code POST /v1/sync} and
 * mutated frames over WebSockets, several at once, by clients with good grants and keys.
 *
 * <p>Everything that is pushed has been pushed before, honestly: what a mutation leaves valid is a
 * repetition, and the tables must be the same at the end whatever was sent.
 */
final class EdgeTarget implements Target {
    private static final int AT_ONCE = 4;
    private static final int BATCHES = 12;

    /** One case in so many is the dearest that there is. */
    private static final int SELDOM = 400;

    /**
     * What lives on in the edge's heap, after a collection, may grow by this: caches, meters,
     * classes.
     */
    private static final long GROWTH_MAX_KIB = 32 << 10;

    private static final Pattern USED = Pattern.compile("\\bused (\\d+)K");

    private final ReplicaKey key = ReplicaKey.create(Entropy.system());
    private final List<Batch> batches = new ArrayList<>();
    private @Nullable Path folder;
    private @Nullable EdgeChild edge;
    private @Nullable SignedGrant grant;
    private @Nullable EdgeClient client;
    private Bytes tables = Bytes.EMPTY;
    private long liveKib;

    @Override
    public String name() {
        return "edge";
    }

    @Override
    public int atOnce() {
        return AT_ONCE;
    }

    /**
     * The edge's nonce is in every hello: the mutations are the same each time, the bytes are not.
     */
    @Override
    public boolean isPure() {
        return false;
    }

    @Override
    public void open() throws IOException, InterruptedException {
        folder = Files.createTempDirectory("holdfast-fuzz-");
        edge = EdgeChild.start(folder, Optional.empty());
        grant = edge.grant(key, "fuzzer", Samples.SCOPE);
        client =
                new EdgeClient(edge.address(), PinnedTrust.load(edge.deployment().caCertificate()));
        Samples samples = new Samples(new Random(1));
        Bytes previous = Bytes.EMPTY;
        for (int i = 0; i < BATCHES; i++) {
            long first = batches.isEmpty() ? 1 : batches.getLast().last() + 1;
            Batch batch = sign(samples, first, previous);
            previous = batch.hash();
            batches.add(batch);
        }
        if (!isAcknowledged(batches))
            throw new DrillException("the edge did not take what is to be repeated");
        // What it loads and remembers in the first hundred cases is no leak.
        for (long warm = 0; warm < 100; warm++) run(~1, warm);
        liveKib = liveKib();
        tables = TablesDigest.of(edge.data());
    }

    private Batch sign(Samples samples, long first, Bytes previous) {
        Batch.Draft draft = samples.chained(Samples.SCOPE, key.replica(), first, previous);
        return draft.signed(key.sign(draft.signedText()));
    }

    @Override
    public Outcome run(long seed, long number) throws IOException, InterruptedException {
        Random dice = Target.dice(seed, name(), number);
        Samples samples = new Samples(dice);
        Mutator mutator = new Mutator(dice);
        return dice.nextBoolean() ? round(dice, samples, mutator) : socket(dice, samples, mutator);
    }

    private Outcome round(Random dice, Samples samples, Mutator mutator)
            throws IOException, InterruptedException {
        if (dice.nextInt(SELDOM) == 0) return bomb(samples);
        Bytes body = body(messages(client().challenge(), dice, samples));
        Bytes mutated = mutator.bytes(body, MessageCodec.encode(samples.message()));
        boolean packed = dice.nextInt(4) == 0;
        if (packed) {
            Bytes compressed = Frames.compress(mutated);
            mutated = dice.nextBoolean() ? compressed : mutator.bytes(compressed, mutated);
        }
        return outcome(client().post(mutated, packed), mutated);
    }

    /** A few hundred bytes on the wire that unpack to the most that anybody may say. */
    private Outcome bomb(Samples samples) throws IOException, InterruptedException {
        List<Message> opening =
                messages(client().challenge(), new Random(0), samples).subList(0, 2);
        Bytes body = body(opening).concat(samples.bomb(key.replica(), grant().encoded()));
        Outcome outcome = outcome(client().post(Frames.compress(body), true), body);
        return outcome.equals(TAKEN)
                ? new Outcome.Found("batches with wrong signatures were taken", body)
                : outcome;
    }

    private Outcome socket(Random dice, Samples samples, Mutator mutator)
            throws InterruptedException {
        List<Bytes> said = new ArrayList<>();
        EdgeClient.Answer answer =
                client().converse(challenge -> {
                    List<Message> messages = messages(challenge, dice, samples);
                    int which = dice.nextInt(messages.size());
                    for (int i = 0; i < messages.size(); i++) {
                        Bytes message = MessageCodec.encode(messages.get(i));
                        Bytes other = MessageCodec.encode(samples.message());
                        boolean is = i == which || dice.nextInt(4) == 0;
                        boolean within = dice.nextInt(3) > 0;
                        if (is && within) message = mutator.bytes(message, other);
                        Bytes frame = Frames.frame(message);
                        said.add(is && !within ? mutator.bytes(frame, other) : frame);
                    }
                    said.add(Frames.frame(MessageCodec.encode(EdgeClient.GOODBYE)));
                    return said;
                });
        return outcome(answer, said.stream().reduce(Bytes.EMPTY, Bytes::concat));
    }

    private static Outcome outcome(EdgeClient.Answer answer, Bytes input) {
        return switch (answer) {
            case EdgeClient.Answer.Said(boolean refused) -> refused ? REFUSED : TAKEN;
            case EdgeClient.Answer.Wrong(String what) -> new Outcome.Found(what, input);
        };
    }

    private List<Message> messages(Message.Challenge challenge, Random dice, Samples samples) {
        List<Message> messages = new ArrayList<>();
        messages.add(hello(challenge));
        messages.add(
                new Message.Subscribe(
                        Samples.SCOPE,
                        dice.nextBoolean() ? samples.cursor() : null,
                        samples.bytes(dice.nextBoolean() ? 0 : 32),
                        samples.context(),
                        samples.intervals()));
        for (int i = dice.nextInt(4); i > 0; i--) {
            messages.add(
                    switch (dice.nextInt(6)) {
                        case 2 -> new Message.Ask(Samples.SCOPE, samples.context());
                        case 0 -> new Message.Took(Samples.SCOPE, dice.nextInt(9));
                        case 1 ->
                                new Message.Have(
                                        Samples.SCOPE,
                                        new Comparison(
                                                samples.bytes(16),
                                                samples.bytes(32),
                                                samples.context()),
                                        dice.nextBoolean());
                        default -> push(List.of(batches.get(dice.nextInt(BATCHES))));
                    });
        }
        return messages;
    }

    private Message.Hello hello(Message.Challenge challenge) {
        Bytes own = Entropy.system().bytes(16);
        Bytes proof = key.sign(Message.proofText(challenge.node(), challenge.nonce(), own));
        return new Message.Hello(Message.VERSION, grant(), challenge.nonce(), own, proof);
    }

    private Message.Push push(List<Batch> pushed) {
        return new Message.Push(Samples.SCOPE, List.of(grant()), pushed, List.of());
    }

    private static Bytes body(List<Message> messages) {
        CborWriter out = new CborWriter(4096);
        for (Message message : messages) MessageCodec.write(message, out);
        return out.toBytes();
    }

    /** Whether an honest client is served. */
    private boolean isAcknowledged(List<Batch> pushed) throws IOException, InterruptedException {
        Message.Subscribe all =
                new Message.Subscribe(
                        Samples.SCOPE, null, Bytes.EMPTY, new Context(), Intervals.NONE);
        Bytes body = body(List.of(hello(client().challenge()), all, push(pushed)));
        return client().round(body).stream().anyMatch(Message.Ack.class::isInstance);
    }

    @Override
    public List<String> judge() throws IOException, InterruptedException {
        List<String> broken = new ArrayList<>();
        EdgeChild node = Objects.requireNonNull(edge);
        if (!node.isAlive()) return List.of("the edge's process has ended");
        if (!tables.equals(TablesDigest.of(node.data())))
            broken.add("the edge's tables are not what they were");
        long growthKib = liveKib() - liveKib;
        if (growthKib > GROWTH_MAX_KIB)
            broken.add("%,d KiB more live in the edge's heap than before".formatted(growthKib));
        Batch last = batches.getLast();
        Batch next = sign(new Samples(new Random(2)), last.last() + 1, last.hash());
        if (!isAcknowledged(List.of(next)))
            broken.add("an honest push is not acknowledged any more");
        return broken;
    }

    /** What is reachable in the edge's heap, as its own JVM says after a full collection. */
    private long liveKib() {
        String pid = Long.toString(Objects.requireNonNull(edge).pid());
        String java = Objects.requireNonNull(System.getProperty("java.home"));
        String jcmd = Path.of(java, "bin", "jcmd").toString();
        Tool.run(jcmd, pid, "GC.run");
        Matcher used = USED.matcher(Tool.run(jcmd, pid, "GC.heap_info"));
        if (!used.find())
            throw new DrillException("the edge's JVM does not say what its heap holds");
        return Long.parseLong(Objects.requireNonNull(used.group(1)));
    }

    private EdgeClient client() {
        return Objects.requireNonNull(client);
    }

    private SignedGrant grant() {
        return Objects.requireNonNull(grant);
    }

    @Override
    public void close() {
        if (client != null) client.close();
        if (edge != null) edge.close();
        if (folder == null) return;
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList())
                Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new DrillException("deleting " + folder, e);
        }
    }
}
