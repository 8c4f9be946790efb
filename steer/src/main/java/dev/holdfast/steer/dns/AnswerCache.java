package dev.holdfast.steer.dns;

import dev.holdfast.steer.pool.Choice;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Ready answers by question, line and flags, all of one moment's zones and standings: a table of
 * fixed size, in which two questions share a place with four entries and the one that came first
 * gives way. So it needs no order and no clean-up, and a flood of names costs others a lookup, no
 * more. Of one thread.
 */
final class AnswerCache {
    private static final int WAYS = 4;

    /** Answers of one question that are made of a pool, by lot, for different endpoints. */
    private static final int MAX_VARIANTS = 32;

    private final @Nullable Entry[] entries;
    private final int mask;
    private int victim;

    /** What is known about one question. */
    static final class Entry {
        private final byte[] key;
        private final int hash;
        private final int line;
        private final int flags;

        /** The pool that decides, or null. */
        final @Nullable Choice choice;

        private long[] chosen = new long[1];
        private @Nullable ReadyAnswer[] answers = new ReadyAnswer[1];
        private int variants;

        private Entry(Request request, int line, int flags, @Nullable Choice choice) {
            this.key = Arrays.copyOf(request.key, request.keyLength);
            this.hash = request.keyHash;
            this.line = line;
            this.flags = flags;
            this.choice = choice;
        }

        private boolean isOf(Request request, int askedLine, int askedFlags) {
            return hash == request.keyHash
                    && line == askedLine
                    && flags == askedFlags
                    && Arrays.equals(key, 0, key.length, request.key, 0, request.keyLength);
        }

        /** The answer that names the endpoints {@code bits}; null when it is to be made. */
        @Nullable ReadyAnswer answer(long bits, long millis) {
            for (int i = 0; i < variants; i++) {
                ReadyAnswer answer = answers[i];
                if (chosen[i] == bits && answer != null)
                    return millis < answer.untilMillis ? answer : null;
            }
            return null;
        }

        void add(long bits, ReadyAnswer answer) {
            int at = 0;
            while (at < variants && chosen[at] != bits) at++;
            if (at == MAX_VARIANTS) at = (int) Math.floorMod(bits, (long) MAX_VARIANTS);
            if (at == answers.length) {
                chosen = Arrays.copyOf(chosen, 2 * at);
                answers = Arrays.copyOf(answers, 2 * at);
            }
            chosen[at] = bits;
            answers[at] = answer;
            variants = Math.max(variants, at + 1);
        }
    }

    /** Keeps {@code size} entries at most, or a little fewer. */
    AnswerCache(int size) {
        int places = Integer.highestOneBit(Math.max(WAYS, size));
        this.entries = new Entry[places];
        this.mask = places - 1;
    }

    @Nullable Entry find(Request request, int line, int flags) {
        int place = place(request, line, flags);
        for (int i = 0; i < WAYS; i++) {
            Entry entry = entries[place + i];
            if (entry != null && entry.isOf(request, line, flags)) return entry;
        }
        return null;
    }

    /** Makes room for an answer to a question that has none. */
    Entry open(Request request, int line, int flags, @Nullable Choice choice) {
        Entry entry = new Entry(request, line, flags, choice);
        int place = place(request, line, flags);
        int at = place;
        while (at < place + WAYS && entries[at] != null) at++;
        if (at == place + WAYS) at = place + (victim++ & (WAYS - 1));
        entries[at] = entry;
        return entry;
    }

    void clear() {
        Arrays.fill(entries, null);
    }

    private int place(Request request, int line, int flags) {
        int hash = (request.keyHash + line * 31 + flags) * 0x9e3779b9;
        return (hash ^ hash >>> 15) & mask & -WAYS;
    }
}
