package dev.holdfast.core.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.merge.Comparison;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Scope;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Cursor;
import dev.holdfast.core.replica.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Messages as CBOR: an array of the message's number and its fields. A WebSocket frame holds one; a
 * body of {@code POST /v1/sync} one after the other.
 */
public final class MessageCodec {
    private MessageCodec() {}

    public static Bytes encode(Message message) {
        CborWriter out = new CborWriter(1024);
        write(message, out);
        return out.toBytes();
    }

    public static void write(Message message, CborWriter out) {
        switch (message) {
            case Message.Challenge m ->
                    out.array(4)
                            .integer(1)
                            .integer(m.version())
                            .bytes(m.node().bytes())
                            .bytes(m.nonce());
            case Message.Hello m ->
                    out.array(6)
                            .integer(2)
                            .integer(m.version())
                            .bytes(m.grant().encoded())
                            .bytes(m.nonce())
                            .bytes(m.own())
                            .bytes(m.proof());
            case Message.Welcome m -> {
                out.array(6).integer(3).bytes(m.grant().encoded()).integer(m.level().code());
                out.integer(m.time().millis()).bytes(m.time().signature());
                write(m.pace(), out);
            }
            case Message.Subscribe m -> {
                out.array(6).integer(4).text(m.scope());
                if (m.cursor() == null) out.nil();
                else m.cursor().write(out);
                out.bytes(m.digest());
                m.pending().write(out);
                m.own().write(out);
            }
            case Message.Opened m -> {
                out.array(3).integer(5).text(m.scope());
                m.cursor().write(out);
            }
            case Message.Compare m -> {
                out.array(3).integer(6).text(m.scope()).array(m.digests().size());
                m.digests().forEach(out::bytes);
            }
            case Message.Have m -> {
                out.array(6).integer(7).text(m.scope());
                out.bytes(m.piece().of()).bytes(m.piece().same());
                m.piece().context().write(out);
                out.bool(m.last());
            }
            case Message.Push m -> {
                out.array(5).integer(8).text(m.scope());
                writeGrants(m.grants(), out);
                writeBatches(m.batches(), out);
                out.array(m.receipts().size());
                m.receipts().forEach(receipt -> receipt.write(out));
            }
            case Message.Ack m -> m.receipt().write(out.array(2).integer(9));
            case Message.Changes m -> {
                out.array(5).integer(10).text(m.scope());
                m.cursor().write(out);
                writeGrants(m.grants(), out);
                writeBatches(m.batches(), out);
            }
            case Message.Took m -> out.array(3).integer(11).text(m.scope()).integer(m.number());
            case Message.Ask m -> m.about().write(out.array(3).integer(16).text(m.scope()));
            case Message.Watermark m -> {
                out.array(3).integer(12);
                writeSigner(m.signer(), out);
                m.receipt().write(out);
            }
            case Message.Reject m -> {
                out.array(3).integer(13);
                writeSigner(m.signer(), out);
                m.verdict().write(out);
            }
            case Message.Pace m ->
                    out.array(3).integer(14).integer(m.windowBytes()).integer(m.pauseMillis());
            case Message.Bye m ->
                    out.array(3).integer(15).integer(m.code().code()).text(m.reason());
        }
    }

    /**
     * Reads one message.
     *
     * @throws MalformedException when it has not the form
     */
    public static Message decode(Bytes encoded) {
        List<Message> messages = decodeAll(encoded);
        if (messages.size() != 1) throw new MalformedException("expected one message");
        return messages.get(0);
    }

    /** A hello, and the messages after it as they stand in the input. */
    public record Greeting(Message.Hello hello, Bytes rest) {}

    /**
     * Reads the hello that a round begins with; empty where it begins with something else, which is
     * not read. Other messages unfold into many times their size, and until it has greeted a client
     * may be anybody.
     *
     * @throws MalformedException when what it begins with is no message, or no hello in form
     */
    public static Optional<Greeting> greeting(Bytes encoded) {
        if (encoded.size() > Limits.MESSAGE_BYTES)
            throw new MalformedException("over " + Limits.MESSAGE_BYTES + " bytes");
        CborReader in = new CborReader(encoded);
        if (!isHello(in)) return Optional.empty();
        in = new CborReader(encoded);
        Message.Hello hello = (Message.Hello) read(in);
        return Optional.of(new Greeting(hello, encoded.slice(in.position(), encoded.size())));
    }

    private static boolean isHello(CborReader in) {
        in.array();
        return in.unsigned(255) == 2;
    }

    /** Reads messages to the end of the input. */
    public static List<Message> decodeAll(Bytes encoded) {
        if (encoded.size() > Limits.MESSAGE_BYTES)
            throw new MalformedException("over " + Limits.MESSAGE_BYTES + " bytes");
        CborReader in = new CborReader(encoded);
        List<Message> messages = new ArrayList<>();
        while (!in.atEnd()) messages.add(read(in));
        return messages;
    }

    /** The next of several messages. */
    static Message read(CborReader in) {
        int fields = in.array();
        int type = (int) in.unsigned(255);
        int expected =
                switch (type) {
                    case 9 -> 2;
                    case 5, 6, 11, 12, 13, 14, 15, 16 -> 3;
                    case 1 -> 4;
                    case 8, 10 -> 5;
                    case 2, 3, 4, 7 -> 6;
                    default -> throw new MalformedException("a message of an unknown kind");
                };
        if (fields != expected)
            throw new MalformedException("a message of another length than its kind has");
        return switch (type) {
            case 1 ->
                    new Message.Challenge(
                            (int) in.unsigned(255), ReplicaId.of(in.bytes()), in.bytes());
            case 2 ->
                    new Message.Hello(
                            (int) in.unsigned(255),
                            SignedGrant.decode(in.bytes()),
                            in.bytes(),
                            in.bytes(16),
                            in.bytes());
            case 3 -> {
                SignedGrant grant = SignedGrant.decode(in.bytes());
                Durability level = Durability.ofCode(in.integer());
                Message.SignedTime time =
                        new Message.SignedTime(in.unsigned(Limits.MAX_MILLIS), in.bytes());
                in.array(3);
                if (in.integer() != 14) throw new MalformedException("a welcome without its pace");
                yield new Message.Welcome(grant, level, time, readPace(in));
            }
            case 4 ->
                    new Message.Subscribe(
                            scope(in),
                            in.nil() ? null : Cursor.read(in),
                            in.bytes(),
                            Context.read(in),
                            readOwn(in));
            case 5 -> new Message.Opened(scope(in), Cursor.read(in));
            case 6 -> new Message.Compare(scope(in), list(in, Context.RANGES, CborReader::bytes));
            case 7 ->
                    new Message.Have(
                            scope(in),
                            new Comparison(in.bytes(), in.bytes(), Context.read(in)),
                            in.bool());
            case 8 -> {
                String scope = scope(in);
                yield new Message.Push(
                        scope,
                        readGrants(in),
                        readBatches(in, scope),
                        list(in, Limits.BATCHES_PER_MESSAGE, Receipt.Signed::read));
            }
            case 9 -> new Message.Ack(Receipt.Signed.read(in));
            case 10 -> {
                String scope = scope(in);
                yield new Message.Changes(
                        scope, Cursor.read(in), readGrants(in), readBatches(in, scope));
            }
            case 11 -> new Message.Took(scope(in), in.unsigned(Limits.MAX_SEQ));
            case 12 -> new Message.Watermark(readSigner(in), Receipt.Signed.read(in));
            case 13 -> new Message.Reject(readSigner(in), Verdict.read(in));
            case 14 -> readPace(in);
            case 15 -> new Message.Bye(byeCode(in.unsigned(255)), reason(in));
            default -> new Message.Ask(scope(in), Context.read(in));
        };
    }

    private static String scope(CborReader in) {
        return Scope.require(in.text());
    }

    private static Intervals readOwn(CborReader in) {
        Intervals own = Intervals.read(in);
        if (own.count() > Limits.SPANS_PER_MESSAGE)
            throw new MalformedException(
                    "more than " + Limits.SPANS_PER_MESSAGE + " intervals of one replica");
        return own;
    }

    private static void writeSigner(@Nullable SignedGrant signer, CborWriter out) {
        if (signer == null) out.nil();
        else out.bytes(signer.encoded());
    }

    private static @Nullable SignedGrant readSigner(CborReader in) {
        return in.nil() ? null : SignedGrant.decode(in.bytes());
    }

    private static void writeGrants(List<SignedGrant> grants, CborWriter out) {
        out.array(grants.size());
        for (SignedGrant grant : grants) out.bytes(grant.encoded());
    }

    private static List<SignedGrant> readGrants(CborReader in) {
        return list(in, Limits.BATCHES_PER_MESSAGE, reader -> SignedGrant.decode(reader.bytes()));
    }

    private static void writeBatches(List<Batch> batches, CborWriter out) {
        out.array(batches.size());
        for (Batch batch : batches) batch.write(out);
    }

    private static List<Batch> readBatches(CborReader in, String scope) {
        List<Batch> batches = list(in, Limits.BATCHES_PER_MESSAGE, Batch::read);
        for (Batch batch : batches) {
            if (!batch.scope().equals(scope))
                throw new MalformedException("a batch of another scope");
        }
        return batches;
    }

    private static <T> List<T> list(CborReader in, int max, Function<CborReader, T> item) {
        int count = in.array();
        if (count > max) throw new MalformedException("more than " + max + " in one message");
        List<T> items = new ArrayList<>(count);
        for (int i = 0; i < count; i++) items.add(item.apply(in));
        return items;
    }

    private static String reason(CborReader in) {
        String reason = in.text();
        if (reason.length() > Limits.REASON_CHARS)
            throw new MalformedException("a reason that is a story");
        return reason;
    }

    private static Message.Bye.Code byeCode(long code) {
        for (Message.Bye.Code known : Message.Bye.Code.values()) {
            if (known.code() == code) return known;
        }
        return Message.Bye.Code.FAILED;
    }

    private static Message.Pace readPace(CborReader in) {
        return new Message.Pace(
                (int) in.unsigned(Integer.MAX_VALUE), in.unsigned(Limits.MAX_MILLIS));
    }
}
