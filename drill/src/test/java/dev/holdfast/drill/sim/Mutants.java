package dev.holdfast.drill.sim;

import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** The planted bugs, by name, and the hunt for them. */
public final class Mutants implements MutantHunt {
    private static final int SHOWN_CHARS = 120;
    private static final LongFunction<@Nullable String> SOUND = new MutantSeed();

    /**
     * A planted bug.
     *
     * @param from the seed that the hunt begins with, counted from the first: what is found seldom
     *     is looked for where it was found
     */
    private record Planted(String name, String what, Plant plant, int from) {
        Planted(String name, String what, Plant plant) {
            this(name, what, plant, 1);
        }

        Planted from(int seed) {
            return new Planted(name, what, plant, seed);
        }
    }

    /** A bug at the calls, or reads, of {@code target}; its method is named as it is. */
    private static Planted at(
            String name, String within, String method, String target, int sites, String what) {
        return new Planted(name, what, new Plant(within, method, target, camel(name), sites));
    }

    /** A bug in place of a method's body. */
    private static Planted body(String name, String within, String method, String what) {
        return new Planted(name, what, new Plant(within, method, "", camel(name), 1));
    }

    private static final List<Planted> PLANTED =
            List.of(
                    at(
                            "skip-the-context-check",
                            "core.replica.Applier",
                            "apply",
                            "Intervals.overlaps",
                            1,
                            "a batch that was seen is applied again"),
                    at(
                            "half-a-batch-applied",
                            "core.replica.Applier",
                            "apply",
                            "BatchBody.operations",
                            1,
                            "of two operations in a batch one is merged"),
                    at(
                            "feed-number-allotted-outside-the-lock",
                            "core.replica.Applier",
                            "apply",
                            "Tables.lockFeed",
                            1,
                            "now and then a batch takes the number of the one before it"),
                    at(
                            "forget-the-interval-gap",
                            "core.replica.Applier$ScopeMerge",
                            "merge",
                            "Intervals.with",
                            1,
                            "what was not seen between counts as seen"),
                    body(
                            "gap-treated-as-an-error",
                            "core.replica.Applier",
                            "brokenLink",
                            "a batch whose predecessor is missing is refused"),
                    body(
                            "neighbours-not-compared",
                            "core.replica.Applier",
                            "brokenLink",
                            "a batch of another chain is applied beside its neighbour"),
                    at(
                            "fork-taken-for-a-duplicate",
                            "core.replica.Applier",
                            "judgeSeen",
                            "Bytes.equals",
                            1,
                            "the same numbers with other bytes are acknowledged"),
                    at(
                            "forget-an-early-replaced-dot",
                            "core.merge.Merge",
                            "apply",
                            "Merge$Surroundings.addMark",
                            1,
                            "what was replaced before it came stands when it comes"),
                    at(
                            "early-mark-without-the-hlc-rule",
                            "core.merge.Merge",
                            "replacedEarly",
                            "Hlc.compareTo",
                            1,
                            "a mark kills what is written later"),
                    at(
                            "replace-without-the-hlc-rule",
                            "core.merge.Document",
                            "replace",
                            "Hlc.compareTo",
                            1,
                            "a stale operation removes what is newer"),
                    at(
                            "clock-correction-not-applied",
                            "core.merge.Merge",
                            "correct",
                            "Document.correct",
                            1,
                            "a clock that ran ahead goes on deciding"),
                    at(
                            "forget-an-early-correction",
                            "core.merge.Merge",
                            "correct",
                            "Merge$Surroundings.addMark",
                            1,
                            "a correction that came first has no effect"),
                    at(
                            "lww-tie-break-turned-round",
                            "core.schema.View",
                            "<clinit>",
                            "Comparator.thenComparing",
                            1,
                            "of two values of one reading the other is shown"),
                    at(
                            "delete-wins-ignores-the-mark",
                            "core.schema.View",
                            "of",
                            "Document.at",
                            1,
                            "a deleted document is shown after a concurrent update"),
                    at(
                            "counter-delta-twice-at-fold",
                            "core.replica.Drafting",
                            "increment",
                            "List.add",
                            1,
                            "what is folded into a new entry stays beside it"),
                    at(
                            "restart-restores-seq-from-what-was-sealed",
                            "core.replica.Author",
                            "state",
                            "ReplicaTables.author",
                            1,
                            "a number of an unsealed operation is given out again"),
                    at(
                            "transaction-split-in-two",
                            "core.replica.Author",
                            "keep",
                            "ReplicaTables.addUnsealed",
                            1,
                            "what was written together may be sealed apart"),
                    body(
                            "restamp-what-replaced-others",
                            "core.replica.Author",
                            "isMovable",
                            "an operation is stamped before what it replaced elsewhere"),
                    at(
                            "a-clock-is-pulled",
                            "core.operation.HlcClock",
                            "observe",
                            "Hlc.min",
                            1,
                            "another's clock of next month becomes one's own"),
                    at(
                            "drop-the-outbox-at-edge",
                            "core.replica.Outbox",
                            "record(Receipt)",
                            "Durability.reaches",
                            1,
                            "an edge's word is enough to give an operation up"),
                    at(
                            "receipt-for-other-bytes-believed",
                            "core.replica.Heard",
                            "known",
                            "Bytes.equals",
                            1,
                            "a receipt is believed whatever hash it names"),
                    at(
                            "refusal-removes-a-dot",
                            "core.replica.Outbox",
                            "record(Verdict,boolean,long)",
                            "ReplicaTables.dropFromOutbox",
                            1,
                            "what was refused was never seen"),
                    at(
                            "refused-write-not-told",
                            "core.replica.Outbox",
                            "record(Verdict,boolean,long)",
                            "ReplicaTables.addVerdict",
                            1,
                            "a refused write just disappears"),
                    at(
                            "refusal-not-sent",
                            "core.sync.Pushes",
                            "judged",
                            "Function.apply",
                            1,
                            "a refused push gets no answer"),
                    at(
                            "an-edge-forgets-what-it-took-in",
                            "core.sync.Intake",
                            "keep",
                            "ReplicaTables.addToOutbox",
                            1,
                            "an edge acknowledges and never passes on"),
                    at(
                            "watermark-off-by-one",
                            "region.worker.Application",
                            "news",
                            "Opening.all",
                            1,
                            "a region says one operation more than it has"),
                    at(
                            "watermark-over-the-gap",
                            "core.replica.Opening",
                            "spans",
                            "Intervals.from",
                            1,
                            "a region says that it has what is missing between"),
                    at(
                                    "resume-at-another-nodes-cursor",
                                    "core.replica.Opening",
                                    "of",
                                    "ReplicaId.equals",
                                    1,
                                    "a cursor counts in whatever feed")
                            .from(1000),
                    body(
                            "resume-without-the-running-hash",
                            "core.replica.Opening",
                            "isOurs",
                            "a cursor counts though the node has another feed since"),
                    at(
                            "contexts-taken-for-equal",
                            "core.replica.Opening",
                            "of",
                            "Bytes.equals",
                            1,
                            "whoever comes from elsewhere is told nothing"),
                    at(
                            "an-edges-ack-at-any-level",
                            "core.sync.Uplink",
                            "ack",
                            "Durability.reaches",
                            1,
                            "an edge may say REGION and APPLIED"),
                    at(
                            "an-edges-watermark-believed",
                            "core.sync.Uplink",
                            "regionsWord",
                            "Grant.role",
                            2,
                            "whoever signs a watermark counts as a region"),
                    at(
                            "watermarks-signature-not-checked",
                            "core.sync.Uplink",
                            "regionsWord",
                            "List.get",
                            1,
                            "whoever names a region speaks for it"),
                    at(
                            "an-edges-refusal-is-final",
                            "core.sync.Uplink",
                            "refused",
                            "Grant.role",
                            1,
                            "a lying edge makes an author give up what it wrote"),
                    at(
                            "signature-of-a-push-not-checked",
                            "core.sync.Pushes",
                            "judged",
                            "List.get",
                            1,
                            "a forged batch is taken in"),
                    at(
                            "signature-of-changes-not-checked",
                            "core.sync.Uplink",
                            "changes",
                            "List.contains",
                            1,
                            "a forged batch is believed from above"),
                    body(
                            "grant-not-judged",
                            "core.replica.Admission",
                            "judge(Batch,SignedGrant)",
                            "everybody may write everything"),
                    at(
                            "a-pause-loses-what-was-on-its-way",
                            "core.sync.Outgoing$Lanes",
                            "backTo",
                            "Math.min",
                            2,
                            "what a full node did not take is not sent again"),
                    at(
                            "there-by-number-only",
                            "core.sync.Upstream",
                            "believe",
                            "Outbox.record",
                            1,
                            "another branch of a copied key is taken for one's own"),
                    at(
                            "an-edge-tells-its-own-devices-only",
                            "core.sync.Session",
                            "told",
                            "Session$Event$Looked.watermarks",
                            1,
                            "who reads hears nothing of what became of it"),
                    body(
                            "asked-once-and-never-again",
                            "core.sync.Wondering",
                            "asks",
                            "what is not safe yet when it is asked about never will be"),
                    at(
                            "unbounded-window",
                            "core.sync.Outgoing",
                            "pump",
                            "Outgoing.inFlightBytes",
                            2,
                            "a link pushes without waiting for answers"),
                    at(
                            "unbounded-pages-ahead",
                            "core.sync.Feed",
                            "pump",
                            "Feed.ahead",
                            1,
                            "a session sends without waiting for its client"),
                    at(
                            "acknowledge-before-the-flush",
                            "drill.sim.SimDisk",
                            "write",
                            "SimDisk.whenFlushed",
                            1,
                            "a node answers before its disk has it"),
                    at(
                            "log-committed-before-the-database",
                            "drill.sim.SimRegion",
                            "apply",
                            "SimDisk.flushed",
                            1,
                            "the worker forgets records that a crash may lose"),
                    at(
                                    "an-edge-says-it-has-what-it-does-not-answer-for",
                                    "core.sync.Intake",
                                    "look",
                                    "Context.and",
                                    1,
                                    "what an edge had from a region that burned gets into no other")
                            .from(1687),
                    body(
                                    "an-edge-answers-not-again",
                                    "core.sync.Intake",
                                    "answerAgain",
                                    "an edge acknowledges what it had from above, and forwards it nowhere")
                            .from(1800),
                    at(
                            "answer-before-send-ok",
                            "region.ingest.Ingest",
                            "keep",
                            "Log.append",
                            1,
                            "ingest answers REGION whatever the log says"),
                    at(
                            "cursor-kept-though-the-log-did-not-take-the-page",
                            "region.mirror.Mirror",
                            "store",
                            "Session$Event$Kept.pauseMillis",
                            2,
                            "a region goes on after a page that it does not have"),
                    at(
                            "global-without-comparing-hashes",
                            "region.store.Copies",
                            "same",
                            "Bytes.equals",
                            1,
                            "another branch of a copied key counts as a second copy"),
                    at(
                            "global-counts-the-own-region",
                            "region.store.Copies",
                            "global",
                            "RegionTables.elsewhere",
                            1,
                            "what is applied here is said to be in two regions"),
                    new Planted(
                            "a-region-is-taken-to-have-all",
                            "a region is not sent what it is not known to miss",
                            new Plant(
                                    "region.store.Copies",
                                    "of(RegionTables,String,ReplicaId,Collection)",
                                    "",
                                    "aRegionIsTakenToHaveAll",
                                    1)),
                    body(
                            "a-mirror-drops-what-is-of-a-known-author",
                            "region.mirror.Mirror",
                            "isHere",
                            "of each author a region takes only the first page from another"),
                    body(
                            "clocks-not-corrected-by-the-region",
                            "region.worker.Application",
                            "noteAhead",
                            "what was stamped ahead stays so"),
                    body(
                            "one-grant-of-a-replica-kept",
                            "core.replica.Granted",
                            "before(List)",
                            "a later grant takes the place of one that allowed more"),
                    body(
                            "what-an-edge-showed-taken-for-the-batch",
                            "core.replica.Rejection$Code",
                            "isOfTheBatch",
                            "a region's refusal is for good, whatever an edge in between showed it"));

    private static String camel(String name) {
        StringBuilder camel = new StringBuilder();
        for (String word : name.split("-", -1))
            camel.append(
                    camel.isEmpty()
                            ? word
                            : Character.toUpperCase(word.charAt(0)) + word.substring(1));
        return camel.toString();
    }

    @Override
    public List<Mutant> mutants() {
        return PLANTED.stream().map(each -> new Mutant(each.name(), each.what())).toList();
    }

    @Override
    public Hunted hunt(Mutant mutant, long first, int most) {
        Planted planted =
                PLANTED.stream()
                        .filter(each -> each.name().equals(mutant.name()))
                        .findFirst()
                        .orElseThrow(() -> new IllegalStateException("no mutant " + mutant.name()));
        LongFunction<@Nullable String> run = seeds(new MutantLoader(planted.plant()));
        for (int seeds = 1; seeds <= most; seeds++) {
            long seed = first + planted.from() + seeds - 2;
            String broken = run.apply(seed);
            // What breaks without the bug as well says nothing about it.
            if (broken != null && SOUND.apply(seed) == null)
                return new Hunted(mutant, seeds, seed, shortened(broken));
        }
        return new Hunted(mutant, most, null, "");
    }

    private static String shortened(String broken) {
        return broken.length() <= SHOWN_CHARS ? broken : broken.substring(0, SHOWN_CHARS) + "…";
    }

    @SuppressWarnings("unchecked") // what it loads is MutantSeed, if not this loader's
    private static LongFunction<@Nullable String> seeds(MutantLoader loader) {
        loader.plant();
        try {
            return (LongFunction<@Nullable String>)
                    loader.loadClass(MutantSeed.class.getName())
                            .getDeclaredConstructor()
                            .newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a mutant that cannot be run", e);
        }
    }
}
