package dev.holdfast.core.operation;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * A node's word that operations of one scope have reached a durability. With an edge's signature it
 * is an acknowledgement, with a region's also a watermark. Acknowledgements are sets: the spans
 * need not be contiguous or start at 1.
 *
 * @param node who says so
 * @param timeMillis when, by the node's clock
 */
public record Receipt(
        ReplicaId node, String scope, Durability level, long timeMillis, List<Span> spans) {
    private static final Bytes DOMAIN = SignatureCheck.domain("holdfast receipt 1");

    public Receipt {
        Scope.require(scope);
        if (spans.isEmpty() || spans.size() > Limits.SPANS_PER_MESSAGE) {
            throw new MalformedException(
                    "a receipt with no span or more than " + Limits.SPANS_PER_MESSAGE);
        }
        spans = List.copyOf(spans);
    }

    /** A receipt with its signature. */
    public record Signed(Receipt receipt, Bytes bytes, Bytes signature) {
        public SignatureCheck check(Bytes publicKey) {
            return new SignatureCheck(publicKey, DOMAIN.concat(Sha256.of(bytes)), signature);
        }

        public void write(CborWriter out) {
            out.array(2).bytes(bytes).bytes(signature);
        }

        public Bytes encoded() {
            CborWriter out = new CborWriter(bytes.size() + 80);
            write(out);
            return out.toBytes();
        }

        /** Checks the form, not the signature. */
        public static Signed read(CborReader in) {
            in.array(2);
            Bytes bytes = in.bytes();
            Bytes signature = in.bytes();
            return new Signed(decode(bytes), bytes, signature);
        }

        public static Signed decoded(Bytes encoded) {
            CborReader in = new CborReader(encoded);
            Signed signed = read(in);
            in.finish();
            return signed;
        }
    }

    /** What the node signs. */
    public Bytes signedText() {
        return DOMAIN.concat(Sha256.of(encode()));
    }

    public Signed signed(Bytes signature) {
        return new Signed(this, encode(), signature);
    }

    private Bytes encode() {
        CborWriter out = new CborWriter(64 + 64 * spans.size());
        out.array(5)
                .bytes(node.bytes())
                .text(scope)
                .integer(level.code())
                .integer(timeMillis)
                .array(spans.size());
        for (Span span : spans) {
            out.array(4)
                    .bytes(span.replica().bytes())
                    .integer(span.from())
                    .integer(span.to())
                    .bytes(span.hash());
        }
        return out.toBytes();
    }

    private static Receipt decode(Bytes bytes) {
        CborReader in = new CborReader(bytes);
        in.array(5);
        ReplicaId node = ReplicaId.of(in.bytes());
        String scope = in.text();
        Durability level = Durability.ofCode(in.integer());
        long time = in.unsigned(Limits.MAX_MILLIS);
        int count = in.array();
        if (count > Limits.SPANS_PER_MESSAGE)
            throw new MalformedException("a receipt with too many spans");
        List<Span> spans = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            in.array(4);
            spans.add(new Span(ReplicaId.of(in.bytes()), in.integer(), in.integer(), in.bytes()));
        }
        in.finish();
        return new Receipt(node, scope, level, time, spans);
    }
}
