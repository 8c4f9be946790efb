package dev.holdfast.region.compare;

import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.merge.Context;
import dev.holdfast.core.merge.Intervals;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.core.operation.Scope;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.region.store.Inspection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one region asks another about what it has, as deterministic CBOR: an array of the question's
 * number and its fields. Each names what its answer is, and reads and writes it. A question and its
 * answer fit one message of the protocol; what may be more comes in pages.
 *
 * @param <A> what the answer is
 */
public sealed interface Question<A> {
    /** Documents that one question may name. */
    int DOCUMENTS = 500;

    /** Documents that are made anew for one question. */
    int REBUILT = 100;

    /** Batches in one answer, or offer, together. */
    int BATCHES_BYTES = 2 << 20;

    /** The fields, the number before them. */
    void write(CborWriter out);

    void writeAnswer(CborWriter out, A answer);

    A readAnswer(CborReader in);

    /** The scope that it is about; empty where it is about none in particular. */
    default Optional<String> about() {
        return Optional.empty();
    }

    /** One about a scope, which only those are answered who may read it. */
    sealed interface OfScope<A> extends Question<A> {
        String scope();

        @Override
        default Optional<String> about() {
            return Optional.of(scope());
        }
    }

    /** Scopes by name after one, with digests of all that is in them unless NONE. */
    record Scopes(String after, Inspection.Depth depth) implements Question<ScopesOf> {
        @Override
        public void write(CborWriter out) {
            out.array(3).integer(1).text(after).integer(depth.code());
        }

        @Override
        public void writeAnswer(CborWriter out, ScopesOf answer) {
            Inspection.Scopes scopes = answer.scopes();
            out.array(5).bytes(answer.node().bytes()).integer(scopes.nowMillis());
            out.bytes(scopes.schema());
            Question.list(
                    out,
                    scopes.found(),
                    found ->
                            out.array(3)
                                    .text(found.name())
                                    .integer(found.number())
                                    .bytes(found.digest()));
            out.text(scopes.next());
        }

        @Override
        public ScopesOf readAnswer(CborReader in) {
            in.array(5);
            ReplicaId node = ReplicaId.of(in.bytes());
            return new ScopesOf(
                    node,
                    new Inspection.Scopes(
                            in.integer(),
                            in.bytes(),
                            Question.list(
                                    in,
                                    3,
                                    () ->
                                            new Inspection.ScopeFound(
                                                    Scope.require(in.text()),
                                                    in.integer(),
                                                    in.bytes())),
                            in.text()));
        }
    }

    /** A region's scopes. */
    record ScopesOf(ReplicaId node, Inspection.Scopes scopes) {}

    /** What of a feed comes after a place in it. */
    record Feed(String scope, long after) implements OfScope<Inspection.Feed> {
        @Override
        public void write(CborWriter out) {
            out.array(3).integer(2).text(scope).integer(after);
        }

        @Override
        public void writeAnswer(CborWriter out, Inspection.Feed answer) {
            out.array(3).integer(answer.head()).integer(answer.nowMillis());
            Question.list(
                    out,
                    answer.passed(),
                    passed ->
                            out.array(5)
                                    .integer(passed.number())
                                    .bytes(passed.replica().bytes())
                                    .integer(passed.first())
                                    .integer(passed.last())
                                    .integer(passed.appliedMillis()));
        }

        @Override
        public Inspection.Feed readAnswer(CborReader in) {
            in.array(3);
            return new Inspection.Feed(
                    in.integer(),
                    in.integer(),
                    Question.list(
                            in,
                            5,
                            () ->
                                    new Inspection.Passed(
                                            in.integer(),
                                            ReplicaId.of(in.bytes()),
                                            in.unsigned(Limits.MAX_SEQ),
                                            in.unsigned(Limits.MAX_SEQ),
                                            in.integer())));
        }
    }

    /** Authors after one, or from the first. */
    record Authors(String scope, @Nullable ReplicaId after)
            implements OfScope<Inspection.Page<Inspection.Known>> {
        @Override
        public void write(CborWriter out) {
            out.array(3).integer(3).text(scope);
            if (after == null) out.nil();
            else out.bytes(after.bytes());
        }

        @Override
        public void writeAnswer(CborWriter out, Inspection.Page<Inspection.Known> answer) {
            out.array(2);
            Question.list(
                    out,
                    answer.items(),
                    known -> {
                        out.array(3).bytes(known.replica().bytes());
                        known.context().write(out);
                        out.bytes(known.chain());
                    });
            out.bool(answer.more());
        }

        @Override
        public Inspection.Page<Inspection.Known> readAnswer(CborReader in) {
            in.array(2);
            return new Inspection.Page<>(
                    Question.list(
                            in,
                            3,
                            () ->
                                    new Inspection.Known(
                                            ReplicaId.of(in.bytes()),
                                            Intervals.read(in),
                                            in.bytes())),
                    in.bool());
        }
    }

    /** Batches of an author that begin after a number, and not after another. */
    record Chain(String scope, ReplicaId replica, long after, long upTo, boolean listed)
            implements OfScope<Inspection.Chain> {
        @Override
        public void write(CborWriter out) {
            out.array(6).integer(4).text(scope).bytes(replica.bytes());
            out.integer(after).integer(upTo).bool(listed);
        }

        @Override
        public void writeAnswer(CborWriter out, Inspection.Chain answer) {
            out.array(6).integer(answer.last());
            answer.seen().write(out);
            answer.unseen().write(out);
            answer.unkept().write(out);
            out.bytes(answer.digest());
            Question.list(
                    out,
                    answer.links(),
                    link ->
                            out.array(3)
                                    .integer(link.first())
                                    .integer(link.last())
                                    .bytes(link.hash()));
        }

        @Override
        public Inspection.Chain readAnswer(CborReader in) {
            in.array(6);
            return new Inspection.Chain(
                    in.unsigned(Limits.MAX_SEQ),
                    Intervals.read(in),
                    Intervals.read(in),
                    Intervals.read(in),
                    in.bytes(),
                    Question.list(
                            in,
                            3,
                            () ->
                                    new Inspection.Link(
                                            in.unsigned(Limits.MAX_SEQ),
                                            in.unsigned(Limits.MAX_SEQ),
                                            in.bytes())));
        }
    }

    /** The digest of the documents after one and up to another. */
    record Range(String scope, DocumentId after, @Nullable DocumentId upTo, Inspection.Depth depth)
            implements OfScope<Inspection.Range> {
        @Override
        public void write(CborWriter out) {
            out.array(5).integer(5).text(scope);
            Question.id(out, after);
            Question.id(out, upTo);
            out.integer(depth.code());
        }

        @Override
        public void writeAnswer(CborWriter out, Inspection.Range answer) {
            out.array(2);
            Question.id(out, answer.last());
            out.bytes(answer.digest());
        }

        @Override
        public Inspection.Range readAnswer(CborReader in) {
            in.array(2);
            return new Inspection.Range(Question.id(in), in.bytes());
        }
    }

    /** The same documents, each by itself. */
    record Documents(
            String scope, DocumentId after, @Nullable DocumentId upTo, Inspection.Depth depth)
            implements OfScope<Inspection.Page<Inspection.Listed>> {
        @Override
        public void write(CborWriter out) {
            out.array(5).integer(6).text(scope);
            Question.id(out, after);
            Question.id(out, upTo);
            out.integer(depth.code());
        }

        @Override
        public void writeAnswer(CborWriter out, Inspection.Page<Inspection.Listed> answer) {
            out.array(2);
            Question.list(
                    out,
                    answer.items(),
                    listed -> {
                        out.array(2);
                        Question.id(out, listed.id());
                        out.bytes(listed.digest());
                    });
            out.bool(answer.more());
        }

        @Override
        public Inspection.Page<Inspection.Listed> readAnswer(CborReader in) {
            in.array(2);
            return new Inspection.Page<>(
                    Question.list(
                            in, 2, () -> new Inspection.Listed(Question.document(in), in.bytes())),
                    in.bool());
        }
    }

    /** How documents stand; with {@code rebuilt} also what the batches make of them. */
    record States(String scope, List<DocumentId> documents, Inspection.Depth depth, boolean rebuilt)
            implements OfScope<List<Inspection.State>> {
        @Override
        public void write(CborWriter out) {
            out.array(5).integer(7).text(scope);
            Question.list(out, documents, id -> Question.id(out, id));
            out.integer(depth.code()).bool(rebuilt);
        }

        @Override
        public void writeAnswer(CborWriter out, List<Inspection.State> answer) {
            Question.list(
                    out,
                    answer,
                    state -> {
                        out.array(2).bytes(state.stored());
                        if (state.rebuilt() == null) out.nil();
                        else out.bytes(state.rebuilt());
                    });
        }

        @Override
        public List<Inspection.State> readAnswer(CborReader in) {
            List<Inspection.State> states =
                    Question.list(
                            in,
                            2,
                            () -> new Inspection.State(in.bytes(), in.nil() ? null : in.bytes()));
            if (states.size() != documents.size())
                throw new MalformedException("states of other documents than were asked for");
            return states;
        }
    }

    /** Which of these dots are about one of these documents. */
    record Touching(String scope, Context dots, List<DocumentId> documents)
            implements OfScope<List<Inspection.Touched>> {
        @Override
        public void write(CborWriter out) {
            out.array(4).integer(8).text(scope);
            dots.write(out);
            Question.list(out, documents, id -> Question.id(out, id));
        }

        @Override
        public void writeAnswer(CborWriter out, List<Inspection.Touched> answer) {
            Question.list(
                    out,
                    answer,
                    touched -> {
                        out.array(3);
                        Question.id(out, touched.id());
                        out.bytes(touched.dot().replica().bytes()).integer(touched.dot().seq());
                    });
        }

        @Override
        public List<Inspection.Touched> readAnswer(CborReader in) {
            return Question.list(
                    in,
                    3,
                    () ->
                            new Inspection.Touched(
                                    Question.document(in),
                                    new Dot(ReplicaId.of(in.bytes()), in.integer())));
        }
    }

    /** Batches that hold any of these dots; as many as fit, and at least one if there is one. */
    record Fetch(String scope, Context dots) implements OfScope<Inspection.Kept> {
        @Override
        public void write(CborWriter out) {
            out.array(3).integer(9).text(scope);
            dots.write(out);
        }

        @Override
        public void writeAnswer(CborWriter out, Inspection.Kept answer) {
            out.array(2);
            Question.kept(out, answer);
        }

        @Override
        public Inspection.Kept readAnswer(CborReader in) {
            in.array(2);
            return Question.kept(in, scope);
        }
    }

    /**
     * Batches that the other lacks, to be put into its log; answers how long to wait if not now.
     */
    record Offer(String scope, Inspection.Kept kept) implements OfScope<Long> {
        @Override
        public void write(CborWriter out) {
            out.array(4).integer(10).text(scope);
            Question.kept(out, kept);
        }

        @Override
        public void writeAnswer(CborWriter out, Long pauseMillis) {
            out.integer(pauseMillis);
        }

        @Override
        public Long readAnswer(CborReader in) {
            return in.unsigned(Limits.MAX_MILLIS);
        }
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws MalformedException when it is something else
     */
    static Question<?> read(CborReader in) {
        int fields = in.array();
        int kind = (int) in.unsigned(255);
        int expected =
                switch (kind) {
                    case 1, 2, 3, 9 -> 3;
                    case 8, 10 -> 4;
                    case 5, 6, 7 -> 5;
                    case 4 -> 6;
                    default -> throw new MalformedException("a question of an unknown kind");
                };
        if (fields != expected)
            throw new MalformedException("a question of another length than its kind has");
        if (kind == 1) return new Scopes(in.text(), depth(in));
        String scope = Scope.require(in.text());
        return switch (kind) {
            case 2 -> new Feed(scope, in.unsigned(Limits.MAX_SEQ));
            case 3 -> new Authors(scope, in.nil() ? null : ReplicaId.of(in.bytes()));
            case 4 ->
                    new Chain(
                            scope,
                            ReplicaId.of(in.bytes()),
                            in.unsigned(Limits.MAX_SEQ),
                            in.unsigned(Limits.MAX_SEQ),
                            in.bool());
            case 5 -> new Range(scope, document(in), id(in), depth(in));
            case 6 -> new Documents(scope, document(in), id(in), depth(in));
            case 7 -> {
                List<DocumentId> asked = documents(in);
                Inspection.Depth depth = depth(in);
                boolean rebuilt = in.bool();
                if (rebuilt && asked.size() > REBUILT)
                    throw new MalformedException("more than " + REBUILT + " documents to rebuild");
                yield new States(scope, asked, depth, rebuilt);
            }
            case 8 -> new Touching(scope, Context.read(in), documents(in));
            case 9 -> new Fetch(scope, Context.read(in));
            default -> new Offer(scope, kept(in, scope));
        };
    }

    private static Inspection.Depth depth(CborReader in) {
        long code = in.integer();
        for (Inspection.Depth depth : Inspection.Depth.values())
            if (depth.code() == code) return depth;
        throw new MalformedException("an unknown depth");
    }

    private static List<DocumentId> documents(CborReader in) {
        int count = in.array();
        if (count > DOCUMENTS)
            throw new MalformedException("more than " + DOCUMENTS + " documents at once");
        List<DocumentId> documents = new ArrayList<>(count);
        for (int i = 0; i < count; i++) documents.add(document(in));
        return documents;
    }

    private static void id(CborWriter out, @Nullable DocumentId id) {
        if (id == null) out.nil();
        else out.array(2).text(id.collection()).text(id.id());
    }

    private static @Nullable DocumentId id(CborReader in) {
        return in.nil() ? null : document(in);
    }

    private static DocumentId document(CborReader in) {
        in.array(2);
        return new DocumentId(in.text(), in.text());
    }

    private static void kept(CborWriter out, Inspection.Kept kept) {
        out.array(kept.grants().size());
        for (SignedGrant grant : kept.grants()) out.bytes(grant.encoded());
        out.array(kept.batches().size());
        for (Batch batch : kept.batches()) batch.write(out);
    }

    private static Inspection.Kept kept(CborReader in, String scope) {
        List<SignedGrant> grants = new ArrayList<>();
        int granted = in.array();
        for (int i = 0; i < granted; i++) grants.add(SignedGrant.decode(in.bytes()));
        List<Batch> batches = new ArrayList<>();
        int count = in.array();
        for (int i = 0; i < count; i++) {
            Batch batch = Batch.read(in);
            if (!batch.scope().equals(scope))
                throw new MalformedException("a batch of another scope");
            batches.add(batch);
        }
        return new Inspection.Kept(batches, grants);
    }

    private static <T> void list(CborWriter out, List<T> items, Consumer<T> one) {
        out.array(items.size());
        items.forEach(one);
    }

    private static <T> List<T> list(CborReader in, int fields, Supplier<T> one) {
        int count = in.array();
        List<T> items = new ArrayList<>(Math.min(count, 1024));
        for (int i = 0; i < count; i++) {
            in.array(fields);
            items.add(one.get());
        }
        return items;
    }
}
