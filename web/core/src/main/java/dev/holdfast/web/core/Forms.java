package dev.holdfast.web.core;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.merge.EarlyMark;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Hlc;
import dev.holdfast.core.operation.Key;
import dev.holdfast.core.operation.Receipt;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.operation.Transaction;
import dev.holdfast.core.replica.AuthorState;
import dev.holdfast.core.replica.BatchHead;
import dev.holdfast.core.replica.Cursor;
import dev.holdfast.core.replica.FeedHead;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.replica.OutboxItem;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.core.replica.Succession;
import dev.holdfast.core.replica.Unsealed;
import dev.holdfast.core.replica.Verdict;
import java.util.ArrayList;
import java.util.List;

/**
 * How an image's rows are kept: the format of what lies in people's browsers. A change of it needs
 * a new version of the database.
 */
final class Forms {
    /** The one row of a table that has only one. */
    static final Integer ONLY = 0;

    static final int HEAD = 1;
    static final int BATCH = 2;
    static final int CONTEXT = 3;
    static final int DOCUMENT = 4;
    static final int MARKS = 5;
    static final int AUTHOR = 6;
    static final int UNSEALED = 7;
    static final int OUTBOX = 8;
    static final int CURSOR = 9;
    static final int WATERMARK = 10;
    static final int VERDICT = 11;
    static final int GRANT = 12;
    static final int QUARANTINE = 13;
    static final int NOTE = 14;
    static final int ASIDE = 15;

    /** In the place of a scope, where an operation's encoding asks for one and nobody reads it. */
    private static final String ALONE = "alone";

    /** What a kept receipt is about. */
    record Reach(ReplicaId replica, Durability level) implements Comparable<Reach> {
        @Override
        public int compareTo(Reach other) {
            int order = replica.compareTo(other.replica);
            return order != 0 ? order : level.compareTo(other.level);
        }
    }

    /** A refusal, with the documents that the refused operations touched if they were our own. */
    record Refusal(Verdict verdict, long atMillis, List<DocumentId> documents) {}

    /** A batch that could not be applied. */
    record Quarantined(Batch batch, Rejection.Code code, String reason, long atMillis) {}

    static final Table.Form<Integer, FeedHead> FEED =
            new Table.Form<>(
                    HEAD,
                    0,
                    (out, key) -> {},
                    in -> ONLY,
                    (out, head) -> out.array(2).integer(head.number()).bytes(head.hash()),
                    in -> {
                        in.array(2);
                        return new FeedHead(in.integer(), in.bytes());
                    });

    /** By author and first sequence number. */
    static final Table.Form<Dot, BatchHead> HEADS =
            new Table.Form<>(
                    BATCH,
                    2,
                    Forms::writeDot,
                    Forms::readDot,
                    (out, head) ->
                            out.array(4)
                                    .integer(head.first())
                                    .integer(head.last())
                                    .bytes(head.hash())
                                    .bytes(head.previous()),
                    in -> {
                        in.array(4);
                        return new BatchHead(in.integer(), in.integer(), in.bytes(), in.bytes());
                    });

    static final Table.Form<ReplicaId, Intervals> CONTEXTS =
            new Table.Form<>(
                    CONTEXT,
                    1,
                    (out, replica) -> out.bytes(replica.bytes()),
                    in -> ReplicaId.of(in.bytes()),
                    (out, intervals) -> intervals.write(out),
                    Intervals::read);

    static final Table.Form<DocumentId, Bytes> DOCUMENTS =
            new Table.Form<>(
                    DOCUMENT,
                    2,
                    (out, id) -> out.text(id.collection()).text(id.id()),
                    in -> new DocumentId(in.text(), in.text()),
                    CborWriter::raw,
                    CborReader::raw);

    static final Table.Form<Dot, List<EarlyMark>> EARLY =
            new Table.Form<>(
                    MARKS,
                    2,
                    Forms::writeDot,
                    Forms::readDot,
                    (out, marks) -> {
                        out.array(marks.size());
                        for (EarlyMark mark : marks) writeMark(out, mark);
                    },
                    in -> {
                        List<EarlyMark> marks = new ArrayList<>();
                        for (int count = in.array(); count > 0; count--) marks.add(readMark(in));
                        return List.copyOf(marks);
                    });

    static final Table.Form<Integer, AuthorState> AUTHORS =
            new Table.Form<>(
                    AUTHOR,
                    0,
                    (out, key) -> {},
                    in -> ONLY,
                    (out, state) ->
                            out.array(5)
                                    .bytes(state.replica().bytes())
                                    .integer(state.nextSeq())
                                    .integer(state.sealedSeq())
                                    .bytes(state.sealedHash())
                                    .integer(state.clock().packed()),
                    in -> {
                        in.array(5);
                        return new AuthorState(
                                ReplicaId.of(in.bytes()),
                                in.integer(),
                                in.integer(),
                                in.bytes(),
                                new Hlc(in.integer()));
                    });

    /** An unsealed transaction, with its encoding, which is how it is kept. */
    record Written(Unsealed unsealed, Bytes encoded) {
        static Written of(Bytes encoded) {
            return new Written(Unsealed.decode(encoded), encoded);
        }
    }

    /** By first sequence number. */
    static final Table.Form<Long, Written> WRITTEN =
            new Table.Form<>(
                    UNSEALED,
                    1,
                    CborWriter::integer,
                    CborReader::integer,
                    (out, written) -> out.bytes(written.encoded()),
                    in -> Written.of(in.bytes()));

    static final Table.Form<Long, OutboxItem> OUTGOING =
            new Table.Form<>(
                    OUTBOX,
                    1,
                    CborWriter::integer,
                    CborReader::integer,
                    (out, item) -> {
                        out.array(4).integer(item.number()).integer(item.level().code());
                        out.integer(item.sinceMillis());
                        item.batch().write(out);
                    },
                    in -> {
                        in.array(4);
                        long number = in.integer();
                        Durability level = Durability.ofCode(in.integer());
                        long since = in.integer();
                        return new OutboxItem(number, Batch.read(in), level, since);
                    });

    static final Table.Form<Integer, Cursor> CURSORS =
            new Table.Form<>(
                    CURSOR,
                    0,
                    (out, key) -> {},
                    in -> ONLY,
                    (out, cursor) -> cursor.write(out),
                    Cursor::read);

    static final Table.Form<Reach, Receipt.Signed> WATERMARKS =
            new Table.Form<>(
                    WATERMARK,
                    2,
                    (out, reach) ->
                            out.bytes(reach.replica().bytes()).integer(reach.level().code()),
                    in -> new Reach(ReplicaId.of(in.bytes()), Durability.ofCode(in.integer())),
                    (out, receipt) -> receipt.write(out),
                    Receipt.Signed::read);

    /** By author and first sequence number. */
    static final Table.Form<Dot, Refusal> REFUSALS =
            new Table.Form<>(
                    VERDICT,
                    2,
                    Forms::writeDot,
                    Forms::readDot,
                    (out, refusal) -> {
                        refusal.verdict().write(out.array(3));
                        out.integer(refusal.atMillis()).array(2 * refusal.documents().size());
                        for (DocumentId id : refusal.documents())
                            out.text(id.collection()).text(id.id());
                    },
                    in -> {
                        in.array(3);
                        Verdict verdict = Verdict.read(in);
                        long at = in.integer();
                        List<DocumentId> documents = new ArrayList<>();
                        for (int count = in.array() / 2; count > 0; count--)
                            documents.add(new DocumentId(in.text(), in.text()));
                        return new Refusal(verdict, at, List.copyOf(documents));
                    });

    static final Table.Form<ReplicaId, Granted> GRANTS =
            new Table.Form<>(
                    GRANT,
                    1,
                    (out, replica) -> out.bytes(replica.bytes()),
                    in -> ReplicaId.of(in.bytes()),
                    (out, granted) -> {
                        out.array(granted.all().size());
                        for (SignedGrant grant : granted.all()) out.bytes(grant.encoded());
                    },
                    in -> {
                        List<SignedGrant> all = new ArrayList<>();
                        for (int count = in.array(); count > 0; count--)
                            all.add(SignedGrant.decode(in.bytes()));
                        return new Granted(all);
                    });

    /** By the batch's hash. */
    static final Table.Form<Bytes, Quarantined> QUARANTINES =
            new Table.Form<>(
                    QUARANTINE,
                    1,
                    CborWriter::bytes,
                    CborReader::bytes,
                    (out, kept) -> {
                        out.array(4).integer(kept.code().code()).text(kept.reason());
                        out.integer(kept.atMillis());
                        kept.batch().write(out);
                    },
                    in -> {
                        in.array(4);
                        Rejection.Code code = Rejection.Code.ofCode(in.integer());
                        String reason = in.text();
                        long at = in.integer();
                        return new Quarantined(Batch.read(in), code, reason, at);
                    });

    /** By the old dot. */
    static final Table.Form<Dot, Succession.SetAside> SET_ASIDE =
            new Table.Form<>(
                    ASIDE,
                    2,
                    Forms::writeDot,
                    Forms::readDot,
                    (out, kept) -> {
                        Transaction alone = new Transaction(null, List.of(kept.operation()));
                        out.array(3).integer(kept.newSeq()).bool(kept.common());
                        out.bytes(new Unsealed(alone).encoded(ALONE));
                    },
                    in -> {
                        in.array(3);
                        long newSeq = in.integer();
                        boolean common = in.bool();
                        Transaction alone = Unsealed.decode(in.bytes()).transaction();
                        return new Succession.SetAside(alone.operations().get(0), newSeq, common);
                    });

    static final Table.Form<String, Bytes> NOTES =
            new Table.Form<>(
                    NOTE,
                    1,
                    CborWriter::text,
                    CborReader::text,
                    CborWriter::bytes,
                    CborReader::bytes);

    private Forms() {}

    private static void writeDot(CborWriter out, Dot dot) {
        out.bytes(dot.replica().bytes()).integer(dot.seq());
    }

    private static Dot readDot(CborReader in) {
        return new Dot(ReplicaId.of(in.bytes()), in.integer());
    }

    private static void writeMark(CborWriter out, EarlyMark mark) {
        out.array(8);
        writeDot(out, mark.dot());
        out.text(mark.document().collection()).text(mark.document().id());
        out.text(mark.key().path()).integer(mark.key().kind()).bytes(mark.key().element());
        out.integer(mark.hlc().packed());
    }

    private static EarlyMark readMark(CborReader in) {
        in.array(8);
        return new EarlyMark(
                readDot(in),
                new DocumentId(in.text(), in.text()),
                new Key(in.text(), (int) in.unsigned(255), in.bytes()),
                new Hlc(in.integer()));
    }
}
