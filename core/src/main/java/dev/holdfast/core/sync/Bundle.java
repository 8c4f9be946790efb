package dev.holdfast.core.sync;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignatureCheck;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.Admission;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.Rejection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Pushes in a file, carried by hand where no network is. It holds the same messages as a session,
 * one after the other, so that what is in it is judged by the same rules; the hash at its end tells
 * a whole file from one that was damaged or cut short. Who carries it is of no account: the batches
 * are their authors', and only that is believed.
 *
 * <p>It is taken in as a whole or not at all. A session may go on after a batch that is refused and
 * tell its sender; of a file nobody hears, so that half of one must not look like all of it.
 */
public record Bundle(List<Message.Push> pushes) {
    private static final Bytes HEAD = new CborWriter(32).text("holdfast bundle 1").toBytes();
    private static final int END_BYTES = 34;

    /** Whether a bundle may be taken in. */
    public sealed interface Judgement {}

    /** It may, with the grants that it showed of its authors. */
    public record Accepted(List<Message.Push> pushes, Map<ReplicaId, Granted> grants)
            implements Judgement {}

    /** It may not: its first fault. */
    public record Refused(Rejection.Code code, String reason) implements Judgement {}

    public Bundle {
        pushes = List.copyOf(pushes);
    }

    /**
     * The file.
     *
     * @throws MalformedException when that is more than a bundle may hold
     */
    public Bytes encoded() {
        CborWriter out = new CborWriter(4096);
        out.raw(HEAD);
        for (Message.Push push : pushes) MessageCodec.write(push, out);
        Bytes body = out.toBytes();
        Bytes file = body.concat(end(body));
        requireSize(file);
        return file;
    }

    /**
     * Reads a file; unfolds nothing of it before it is known to be whole.
     *
     * @throws MalformedException when it is none, damaged or cut short, or over a limit
     */
    public static Bundle decode(Bytes file) {
        requireSize(file);
        int end = file.size() - END_BYTES;
        if (end < HEAD.size() || !file.slice(0, HEAD.size()).equals(HEAD))
            throw new MalformedException("this is no bundle, or one of another version");
        Bytes body = file.slice(0, end);
        if (!file.slice(end, file.size()).equals(end(body)))
            throw new MalformedException("the bundle was damaged, or is not all there");
        CborReader in = new CborReader(body);
        in.text();
        List<Message.Push> pushes = new ArrayList<>();
        while (!in.atEnd()) {
            int from = in.position();
            if (!(MessageCodec.read(in) instanceof Message.Push push))
                throw new MalformedException("a bundle holds pushes only");
            if (in.position() - from > Limits.MESSAGE_BYTES)
                throw new MalformedException("a push over " + Limits.MESSAGE_BYTES + " bytes");
            pushes.add(push);
        }
        return new Bundle(pushes);
    }

    private static Bytes end(Bytes body) {
        return new CborWriter(END_BYTES).bytes(Sha256.of(body)).toBytes();
    }

    private static void requireSize(Bytes file) {
        if (file.size() > Limits.BUNDLE_BYTES)
            throw new MalformedException("a bundle over " + Limits.BUNDLE_BYTES + " bytes");
    }

    /** One bundle at the door of a node: first its signatures are asked for, then it is judged. */
    public final class Admittance {
        private final Grant reader;
        private final long nowMillis;
        private final List<SignatureCheck> checks = new ArrayList<>();
        private final List<Candidate> candidates = new ArrayList<>();
        private final List<Grants.Use> uses = new ArrayList<>();

        /** A batch, the grant it is judged by, and the place of its signature's answer. */
        private record Candidate(Batch batch, SignedGrant grant, int check) {}

        /**
         * Begins.
         *
         * @param reader the grant of the node that is to keep it
         * @param authorities the public keys that may sign grants
         */
        public Admittance(Grant reader, Set<Bytes> authorities, long nowMillis) {
            this.reader = reader;
            this.nowMillis = nowMillis;
            Grants grants = new Grants(authorities);
            for (Message.Push push : pushes) {
                Grants.Use use = grants.use(push.grants(), checks);
                uses.add(use);
                for (Batch batch : push.batches()) {
                    SignedGrant grant = use.of(batch);
                    if (grant == null)
                        throw new MalformedException("a batch without the grant of its author");
                    candidates.add(new Candidate(batch, grant, checks.size()));
                    checks.add(batch.check(grant.publicKey()));
                }
            }
        }

        /** What must be verified before it is judged. */
        public List<SignatureCheck> checks() {
            return List.copyOf(checks);
        }

        public Judgement judged(List<Boolean> answers) {
            Map<ReplicaId, Granted> authors = new HashMap<>();
            for (Grants.Use use : uses) {
                if (!use.answered(answers))
                    return new Refused(
                            Rejection.Code.NO_GRANT,
                            "a grant in it is not by an authority of this deployment");
                use.used().forEach((author, some) -> authors.merge(author, some, Granted::with));
            }
            for (Candidate candidate : candidates) {
                Batch batch = candidate.batch();
                if (!answers.get(candidate.check()))
                    return new Refused(
                            Rejection.Code.BAD_SIGNATURE, "a signature in it is not the author's");
                if (!reader.mayRead(batch.scope()))
                    return new Refused(
                            Rejection.Code.FORBIDDEN,
                            "the grant here does not allow to read the scope " + batch.scope());
                long latest = reader.role().latestMillis(nowMillis);
                Rejection fault = Admission.judge(batch, candidate.grant(), nowMillis, latest);
                if (fault != null) return new Refused(fault.code(), fault.reason());
            }
            return new Accepted(pushes, authors);
        }
    }
}
