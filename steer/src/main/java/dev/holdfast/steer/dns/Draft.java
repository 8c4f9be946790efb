package dev.holdfast.steer.dns;

import dev.holdfast.steer.pool.Choice;
import dev.holdfast.steer.zone.RecordSet;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Rcode;

/**
 * An answer in the making: its sections, and what it depends on. Written by {@link Resolution},
 * read by what makes bytes or sentences of it.
 */
final class Draft {
    int rcode = Rcode.NOERROR;
    boolean authoritative = true;
    final List<RecordSet> answer = new ArrayList<>();
    final List<RecordSet> authority = new ArrayList<>();

    /** Without these the answer would lead nowhere. */
    final List<RecordSet> glue = new ArrayList<>();

    /** These spare a question, and are left out where there is no room. */
    final List<RecordSet> additional = new ArrayList<>();

    /** The pool that it is made of, or null; no name leads through two. */
    @Nullable Choice choice;

    /** Which of that pool's endpoints it names. */
    long chosen;

    /** Until when it may be given out again. */
    long untilMillis = Long.MAX_VALUE;

    /** What was found, for those who ask why; null where nobody does. */
    final @Nullable List<String> steps;

    Draft(@Nullable List<String> steps) {
        this.steps = steps;
    }

    void step(String sentence) {
        if (steps != null) steps.add(sentence);
    }
}
