package dev.holdfast.drill.fuzz;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.codec.Json;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Document;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Cursor;
import dev.holdfast.core.replica.Verdict;
import dev.holdfast.core.sync.Message;
import dev.holdfast.core.sync.MessageCodec;
import dev.holdfast.keys.wire.Frames;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/**
 * A codec: what it reads it must write again byte for byte, since PROTOCOL.md knows one form of
 * each thing; all else it must refuse by {@link MalformedException} alone, and neither may cost
 * more memory than a factor of the input's length.
 *
 * @param sample draws valid input
 * @param mutate makes something else of one, with parts of another
 * @param rewrite decodes and encodes again
 * @param oracle is asked about what is taken
 * @param sameBytes whether there is one form only; else what is written is read to the same again
 */
record CodecTarget(
        String name,
        Function<Samples, Bytes> sample,
        Mutation mutate,
        Function<Bytes, Bytes> rewrite,
        boolean sameBytes,
        Oracle oracle)
        implements Target {
    /** Somebody else's opinion of what was taken. */
    interface Oracle {
        /** What is wrong with it; empty where nothing is. */
        String doubts(Bytes taken);
    }

    interface Mutation {
        Bytes of(Bytes base, Bytes other, Random dice);
    }

    /** The classes that a first call loads, and the first array of each list. */
    private static final long BASE_BYTES = 1 << 20;

    /**
     * Reading, then writing, then, where written anew, comparing. The dearest is a map of one short
     * name; the figure is what that takes, and half as much again.
     */
    private static final long BYTES_PER_BYTE = 250;

    private static final StreamReadConstraints NO_LIMITS =
            StreamReadConstraints.builder()
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build();

    /** Somebody else's reader, without limits of its own. */
    private static final ObjectMapper JACKSON =
            JsonMapper.builder(JsonFactory.builder().streamReadConstraints(NO_LIMITS).build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    static List<Target> all() {
        return List.of(
                cbor(
                        "value",
                        samples -> CborWriter.encode(samples.value(4)),
                        in -> CborWriter.encode(CborReader.decode(in))),
                cbor(
                        "batch",
                        samples -> samples.batch().encoded(),
                        in -> Batch.decode(in).encoded()),
                cbor("grant", samples -> samples.grant().encoded(), CodecTarget::grant),
                cbor("receipt", samples -> samples.receipt().encoded(), CodecTarget::receipt),
                cbor(
                        "verdict",
                        samples -> Samples.written(samples.verdict()::write),
                        in -> read(in, Verdict::read, Verdict::write)),
                cbor(
                        "intervals",
                        samples -> samples.intervals().encoded(),
                        in -> Intervals.decode(in).encoded()),
                cbor(
                        "context",
                        samples -> samples.context().encoded(),
                        in -> read(in, Context::read, Context::write)),
                cbor(
                        "cursor",
                        samples -> Samples.written(samples.cursor()::write),
                        in -> read(in, Cursor::read, Cursor::write)),
                cbor(
                        "document",
                        samples -> samples.document().encoded(),
                        in -> Document.decode(in).encoded()),
                cbor(
                        "message",
                        samples -> MessageCodec.encode(samples.message()),
                        CodecTarget::message),
                new CodecTarget(
                        "frame",
                        samples -> Frames.frame(MessageCodec.encode(samples.message())),
                        (base, other, dice) -> new Mutator(dice).bytes(base, other),
                        CodecTarget::frame,
                        false,
                        taken -> ""),
                new CodecTarget(
                        "json",
                        samples -> utf8(Json.print(samples.value(4))),
                        CodecTarget::text,
                        in -> utf8(Json.print(Json.parse(text(in)))),
                        false,
                        CodecTarget::doubtsJson));
    }

    private static Target cbor(
            String name, Function<Samples, Bytes> sample, Function<Bytes, Bytes> rewrite) {
        return new CodecTarget(
                name,
                sample,
                (base, other, dice) -> new Mutator(dice).bytes(base, other),
                rewrite,
                true,
                taken -> "");
    }

    @Override
    public Outcome run(long seed, long number) {
        Random dice = Target.dice(seed, name, number);
        Samples samples = new Samples(dice);
        Bytes valid = sample.apply(samples);
        Bytes input = mutate.of(valid, sample.apply(samples), dice);
        Outcome outcome = judge(input);
        if (outcome instanceof Outcome.Refused && input.equals(valid))
            return new Outcome.Found("what is valid was refused", input);
        return outcome instanceof Outcome.Found found ? shrunk(found) : outcome;
    }

    /** What the codec makes of {@code input}, and what that costs. */
    Outcome judge(Bytes input) {
        return judge(input, true);
    }

    /** The same without what it costs: an instrumented class allocates where it is first used. */
    Outcome judgeForm(Bytes input) {
        return judge(input, false);
    }

    private Outcome judge(Bytes input, boolean weighed) {
        long before = Allocated.bytes();
        Bytes written;
        try {
            written = rewrite.apply(input);
        } catch (MalformedException e) {
            return weighed ? cost(before, input, REFUSED) : REFUSED;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            return new Outcome.Found("it threw " + e, input);
        }
        if (weighed && cost(before, input, TAKEN) instanceof Outcome.Found dear) return dear;
        String doubt = oracle.doubts(input);
        if (!doubt.isEmpty()) return new Outcome.Found(doubt, input);
        if (written.equals(input)) return TAKEN;
        if (sameBytes)
            return new Outcome.Found(
                    "it was taken, though it is not in its one form: " + written.hex(), input);
        try {
            return rewrite.apply(written).equals(written)
                    ? TAKEN
                    : new Outcome.Found("what is written is read as something else", input);
        } catch (MalformedException e) {
            return new Outcome.Found("what is written is refused: " + e.getMessage(), input);
        }
    }

    private static Outcome cost(long before, Bytes input, Outcome outcome) {
        long cost = Allocated.bytes() - before;
        return cost <= BASE_BYTES + BYTES_PER_BYTE * input.size()
                ? outcome
                : new Outcome.Found(
                        "%,d bytes were allocated for %,d".formatted(cost, input.size()), input);
    }

    /** The same finding by less input, by leaving out halves, quarters and so on. */
    private Outcome.Found shrunk(Outcome.Found found) {
        Outcome.Found least = found;
        for (int size = found.input().size() / 2; size > 0; size /= 2) {
            int from = 0;
            while (from + size <= least.input().size()) {
                Bytes whole = least.input();
                Bytes less = whole.slice(0, from).concat(whole.slice(from + size, whole.size()));
                if (judge(less) instanceof Outcome.Found smaller) least = smaller;
                else from += size;
            }
        }
        return least;
    }

    // The codecs that have no method of one line.

    private interface Write<T> {
        void to(T value, CborWriter out);
    }

    private static <T> Bytes read(Bytes in, Function<CborReader, T> read, Write<T> write) {
        CborReader reader = new CborReader(in);
        T value = read.apply(reader);
        reader.finish();
        return Samples.written(out -> write.to(value, out));
    }

    /** Its bytes are kept as they came: here the content is written anew. */
    private static Bytes receipt(Bytes in) {
        Receipt.Signed signed = Receipt.Signed.decoded(in);
        return signed.receipt().signed(signed.signature()).encoded();
    }

    /** The same. */
    private static Bytes grant(Bytes in) {
        SignedGrant signed = SignedGrant.decode(in);
        Bytes anew = SignedGrant.of(signed.grant(), signed.signature()).bytes();
        return new SignedGrant(signed.grant(), anew, signed.signature(), signed.successions())
                .encoded();
    }

    private static Bytes message(Bytes in) {
        Message message = MessageCodec.decode(in);
        return isUnknownBye(message, in) ? in : MessageCodec.encode(message);
    }

    /** A reason to end that is newer than this program is taken for a failure. */
    private static boolean isUnknownBye(Message message, Bytes in) {
        return message instanceof Message.Bye bye
                && bye.code() == Message.Bye.Code.FAILED
                && in.size() > 2
                && in.at(1) == 15
                && in.at(2) != Message.Bye.Code.FAILED.code();
    }

    private static Bytes frame(Bytes in) {
        return Frames.frame(Frames.message(in));
    }

    /** What is taken must be JSON to somebody else as well. */
    private static String doubtsJson(Bytes taken) {
        try {
            JACKSON.readTree(text(taken));
            return "";
        } catch (JsonProcessingException e) {
            return "it was taken, and Jackson says: " + e.getOriginalMessage();
        }
    }

    private static Bytes text(Bytes base, Bytes other, Random dice) {
        return utf8(new Mutator(dice).text(text(base), text(other)));
    }

    /** A text in bytes: a lone surrogate must get through, so each unit is two. */
    private static Bytes utf8(String text) {
        byte[] units = new byte[2 * text.length()];
        ByteBuffer.wrap(units).asCharBuffer().put(text);
        return Bytes.wrap(units);
    }

    private static String text(Bytes units) {
        return ByteBuffer.wrap(units.toArray(), 0, units.size() & ~1).asCharBuffer().toString();
    }
}
