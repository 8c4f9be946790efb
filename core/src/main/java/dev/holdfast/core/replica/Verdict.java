package dev.holdfast.core.replica;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.operation.BatchBody;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Scope;
import dev.holdfast.core.operation.SignatureCheck;
import dev.holdfast.core.operation.Span;
import java.util.function.UnaryOperator;

/**
 * A node's signed word that it refuses a batch. A region's settles the matter, whoever passes it
 * on; an edge's is about that edge alone, and its author goes on answering for what it wrote.
 *
 * @param node who says so
 */
public record Verdict(ReplicaId node, Rejection rejection, Bytes signature) {
    private static final Bytes DOMAIN = SignatureCheck.domain("holdfast refusal 1");

    /** What {@code node} signs. */
    public static Bytes signedText(ReplicaId node, Rejection rejection) {
        CborWriter out = new CborWriter(256);
        write(node, rejection, out.array(8));
        return DOMAIN.concat(Sha256.of(out.toBytes()));
    }

    /** The word of {@code node}, whose key {@code sign} is. */
    public static Verdict signed(ReplicaId node, Rejection rejection, UnaryOperator<Bytes> sign) {
        return new Verdict(node, rejection, sign.apply(signedText(node, rejection)));
    }

    public SignatureCheck check(Bytes publicKey) {
        return new SignatureCheck(publicKey, signedText(node, rejection), signature);
    }

    public void write(CborWriter out) {
        write(node, rejection, out.array(9));
        out.bytes(signature);
    }

    private static void write(ReplicaId node, Rejection rejection, CborWriter out) {
        Span span = rejection.span();
        out.bytes(node.bytes()).text(rejection.scope()).bytes(span.replica().bytes());
        out.integer(span.from()).integer(span.to()).bytes(span.hash());
        out.integer(rejection.code().code()).text(rejection.reason());
    }

    /**
     * Checks the form, not the signature.
     *
     * @throws MalformedException where it has not the form
     */
    public static Verdict read(CborReader in) {
        in.array(9);
        ReplicaId node = ReplicaId.of(in.bytes());
        String scope = Scope.require(in.text());
        Span span =
                new Span(
                        ReplicaId.of(in.bytes()),
                        in.integer(),
                        in.integer(),
                        in.bytes(BatchBody.HASH_BYTES));
        Rejection.Code code = Rejection.Code.ofCode(in.integer());
        String reason = in.text();
        if (reason.length() > Limits.REASON_CHARS)
            throw new MalformedException("a reason that is a story");
        return new Verdict(node, new Rejection(scope, span, code, reason), in.bytes());
    }
}
