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
 * A grant as it travels: the authority's bytes and signature, then the successions of its key. A
 * store that must take a new key (a restored backup, a cloned disk) has nobody to ask while it is
 * cut off, so the old key signs the new one and the grant goes on; every clone becomes a replica of
 * its own.
 *
 * @param bytes the grant as the authority signed it
 */
public record SignedGrant(Grant grant, Bytes bytes, Bytes signature, List<Succession> successions) {
    private static final Bytes DOMAIN = SignatureCheck.domain("holdfast grant 1");
    private static final Bytes SUCCESSION = SignatureCheck.domain("holdfast succession 1");
    private static final int FORMAT = 1;

    /** Room for the signature and for every succession that there may be. */
    private static final int REST_BYTES = 128 + Limits.SUCCESSIONS * 104;

    /** The key before says that {@code publicKey} takes its place. */
    public record Succession(Bytes publicKey, Bytes signature) {
        public Succession {
            if (publicKey.size() != SignatureCheck.PUBLIC_KEY_BYTES) {
                throw new MalformedException("a public key has 32 bytes");
            }
        }
    }

    public SignedGrant {
        successions = List.copyOf(successions);
        if (successions.size() > Limits.SUCCESSIONS) {
            throw new MalformedException(
                    "more than " + Limits.SUCCESSIONS + " successions: ask for a new grant");
        }
    }

    /** What the authority signs to make this grant. */
    public static Bytes signedText(Grant grant) {
        return DOMAIN.concat(Sha256.of(encode(grant)));
    }

    public static SignedGrant of(Grant grant, Bytes signature) {
        Bytes bytes = encode(grant);
        if (bytes.size() > Limits.GRANT_BYTES - REST_BYTES)
            throw new MalformedException("a grant that is too long to travel");
        return new SignedGrant(grant, bytes, signature, List.of());
    }

    /** What the present key signs so that {@code next} takes its place. */
    public Bytes successionText(Bytes next) {
        return SUCCESSION.concat(Sha256.of(bytes)).concat(next);
    }

    public SignedGrant succeededBy(Bytes next, Bytes signatureOfPresentKey) {
        List<Succession> longer = new ArrayList<>(successions);
        longer.add(new Succession(next, signatureOfPresentKey));
        return new SignedGrant(grant, bytes, signature, longer);
    }

    /** The key that the grant speaks of now. */
    public Bytes publicKey() {
        return successions.isEmpty()
                ? grant.publicKey()
                : successions.get(successions.size() - 1).publicKey();
    }

    public ReplicaId replica() {
        return ReplicaId.ofKey(publicKey());
    }

    /** All of these must hold for the grant to be {@code authority}'s. */
    public List<SignatureCheck> checks(Bytes authority) {
        List<SignatureCheck> checks = new ArrayList<>();
        checks.add(new SignatureCheck(authority, DOMAIN.concat(Sha256.of(bytes)), signature));
        Bytes key = grant.publicKey();
        for (Succession succession : successions) {
            checks.add(
                    new SignatureCheck(
                            key, successionText(succession.publicKey()), succession.signature()));
            key = succession.publicKey();
        }
        return checks;
    }

    public Bytes encoded() {
        CborWriter out = new CborWriter(bytes.size() + 100);
        out.array(3).bytes(bytes).bytes(signature).array(successions.size());
        for (Succession succession : successions) {
            out.array(2).bytes(succession.publicKey()).bytes(succession.signature());
        }
        return out.toBytes();
    }

    /**
     * Checks the form, not the signatures.
     *
     * @throws MalformedException when it has not the form
     */
    public static SignedGrant decode(Bytes encoded) {
        if (encoded.size() > Limits.GRANT_BYTES)
            throw new MalformedException("a grant over " + Limits.GRANT_BYTES + " bytes");
        CborReader in = new CborReader(encoded);
        in.array(3);
        Bytes bytes = in.bytes();
        Bytes signature = in.bytes();
        int count = in.array();
        List<Succession> successions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            in.array(2);
            successions.add(new Succession(in.bytes(), in.bytes()));
        }
        in.finish();
        return new SignedGrant(decodeGrant(bytes), bytes, signature, successions);
    }

    private static Bytes encode(Grant grant) {
        CborWriter out = new CborWriter();
        out.array(8)
                .integer(FORMAT)
                .bytes(grant.publicKey())
                .text(grant.subject())
                .integer(grant.role().code());
        out.array(grant.rights().size());
        for (Grant.Right right : grant.rights()) {
            out.array(3).text(right.scope()).bool(right.read()).array(right.write().size());
            for (String collection : right.write()) out.text(collection);
        }
        out.integer(grant.notBeforeMillis())
                .integer(grant.notAfterMillis())
                .integer(grant.offlineGraceMillis());
        return out.toBytes();
    }

    private static Grant decodeGrant(Bytes bytes) {
        CborReader in = new CborReader(bytes);
        in.array(8);
        if (in.integer() != FORMAT) throw new MalformedException("a grant of an unknown format");
        Bytes publicKey = in.bytes();
        String subject = in.text();
        Grant.Role role = Grant.Role.ofCode(in.integer());
        int count = in.array();
        List<Grant.Right> rights = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            in.array(3);
            String scope = in.text();
            boolean read = in.bool();
            int collections = in.array();
            List<String> write = new ArrayList<>();
            for (int c = 0; c < collections; c++) write.add(in.text());
            rights.add(new Grant.Right(scope, read, write));
        }
        long notBefore = in.integer();
        long notAfter = in.integer();
        long grace = in.integer();
        in.finish();
        return new Grant(publicKey, subject, role, rights, notBefore, notAfter, grace);
    }
}
