package dev.holdfast.drill.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How often each interesting thing happened: proof that the seeds reach the places they are for.
 */
final class Coverage {
    static final String EARLY_REPLACED = "an operation came after what replaced it";
    static final String BURNED_UNCONFIRMED = "an edge burned while it held unconfirmed batches";
    static final String TORN = "a crash kept some of what was not flushed";
    static final String UNFLUSHED = "a crash lost what was not flushed";
    static final String EQUAL = "equal contexts were compared";
    static final String REFUSED = "a write was refused and its author told";
    static final String ECHO = "old messages came once more";
    static final String OVERTAKEN = "a push overtook another";
    static final String LIE_WATERMARK = "a lying edge invented a watermark";
    static final String LIE_REFUSED = "a lying edge invented a refusal";
    static final String LIE_DROPPED = "a lying edge dropped a push it acknowledged";
    static final String LIE_CHANGES = "a lying edge left out or made up changes";
    static final String LIE_FORGED = "a lying edge forged a batch";
    static final String LIE_DISGUISED =
            "a lying edge pushed a batch with another signature, or without its author's grant";
    static final String RETURNED = "an edge answered again for what it had from above";
    static final String THIN = "a thin link took its time for a message";
    static final String FORK = "a batch of a copied key was refused as a fork";
    static final String NAMED_AHEAD = "a hostile device replaced what was not written yet";
    static final String GAP = "a batch came before the one before it";
    static final String TIE = "two wrote the same field at the same reading";
    static final String FOLDED = "a counter's entries were folded";
    static final String CORRECTED = "a clock that ran ahead was corrected";
    static final String FULL_WINDOW = "a link waited for its window";
    static final String PAUSED = "a push was answered with a pause";
    static final String UNCERTAIN = "the log stored what it could not say it stored";
    static final String MIRRORED = "a batch reached a region from another region";
    static final String RELAYED = "a region got a batch over a relay";
    static final String HEARD = "a device heard how safe another's operations are";
    static final String GLOBAL = "an operation was told GLOBAL";
    static final String NOT_SENT_BACK = "a batch was not sent to a region known to have it";
    static final String ALONE = "a region took in writes while it was cut from the others";

    /** What a set of seeds that is to prove anything must have seen, the faults apart. */
    private static final List<String> PLACES =
            List.of(
                    EARLY_REPLACED,
                    BURNED_UNCONFIRMED,
                    TORN,
                    UNFLUSHED,
                    EQUAL,
                    REFUSED,
                    ECHO,
                    OVERTAKEN,
                    LIE_WATERMARK,
                    LIE_REFUSED,
                    LIE_DROPPED,
                    LIE_CHANGES,
                    LIE_FORGED,
                    LIE_DISGUISED,
                    HEARD,
                    FORK,
                    RETURNED,
                    THIN,
                    NAMED_AHEAD,
                    GAP,
                    TIE,
                    FOLDED,
                    CORRECTED,
                    FULL_WINDOW,
                    PAUSED,
                    UNCERTAIN,
                    MIRRORED,
                    RELAYED,
                    GLOBAL,
                    NOT_SENT_BACK,
                    ALONE);

    private final Map<String, Integer> times = new TreeMap<>();

    void count(String what) {
        times.merge(what, 1, Integer::sum);
    }

    Map<String, Integer> times() {
        return Map.copyOf(times);
    }

    /** What is missing in {@code seen}, of all that must happen. */
    static List<String> missing(Map<String, Integer> seen) {
        List<String> missing = new ArrayList<>(PLACES);
        for (Act.Kind kind : Act.Kind.values()) missing.add(kind.text());
        missing.removeAll(seen.keySet());
        return missing;
    }
}
