package dev.holdfast.core.operation;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;

/**
 * A batch as it is signed, sent, stored and deduplicated. Its bytes never change once they left
 * their author; {@code hash} is the SHA-256 of {@code bytes} and names it. Whether the signature is
 * right is not known from having one of these: see {@link #check(Bytes)}.
 *
 * @param bytes the body as it was signed
 * @param signature 64 bytes of Ed25519 by the author over {@link Draft#signedText()}
 */
public record Batch(BatchBody body, Bytes bytes, Bytes hash, Bytes signature) {
    private static final Bytes DOMAIN = SignatureCheck.domain("holdfast batch 1");

    /** A body, encoded and hashed, that waits for its signature. */
    public record Draft(BatchBody body, Bytes bytes, Bytes hash) {
        /** What the author signs. */
        public Bytes signedText() {
            return DOMAIN.concat(hash);
        }

        public Batch signed(Bytes signature) {
            return new Batch(body, bytes, hash, signature);
        }
    }

    /**
     * Encodes and hashes a body.
     *
     * @throws MalformedException when it is over {@link Limits#BATCH_BYTES}
     */
    public static Draft draft(BatchBody body) {
        Bytes bytes = BatchCodec.encode(body);
        if (bytes.size() > Limits.BATCH_BYTES)
            throw new MalformedException("a batch over " + Limits.BATCH_BYTES + " bytes");
        return new Draft(body, bytes, Sha256.of(bytes));
    }

    /** Reads what {@link #encoded()} wrote; checks the form, not the signature. */
    public static Batch decode(Bytes encoded) {
        CborReader in = new CborReader(encoded);
        Batch batch = read(in);
        in.finish();
        return batch;
    }

    public static Batch read(CborReader in) {
        in.array(2);
        Bytes bytes = in.bytes();
        // Any length is taken here: a wrong one is a wrong signature, and judged as such.
        Bytes signature = in.bytes();
        return new Batch(BatchCodec.decode(bytes), bytes, Sha256.of(bytes), signature);
    }

    public void write(CborWriter out) {
        out.array(2).bytes(bytes).bytes(signature);
    }

    public Bytes encoded() {
        CborWriter out = new CborWriter(bytes.size() + 80);
        write(out);
        return out.toBytes();
    }

    /** The question whose answer says that the holder of {@code publicKey} signed this batch. */
    public SignatureCheck check(Bytes publicKey) {
        return new SignatureCheck(publicKey, DOMAIN.concat(hash), signature);
    }

    public String scope() {
        return body.scope();
    }

    public ReplicaId author() {
        return body.author();
    }

    public long first() {
        return body.first();
    }

    public long last() {
        return body.last();
    }

    /** About what it takes on the wire and on a disk. */
    public int sizeBytes() {
        return bytes.size() + signature.size() + 8;
    }
}
