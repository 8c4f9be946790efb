package dev.holdfast.steer.dns;

import dev.holdfast.steer.pool.Choice;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Ready answers by question, line and flags, all of one moment's zones and standings: a table of
 * fixed size, in which four entries share a place, and a fifth takes that of one of them. So it
 * needs no order and no clean-up, and a flood of names costs others a lookup, no more. Its bytes
 * have a bound of their own; beyond that entries go, place by place, until there is room. Of one
 * thread.
 */
final class AnswerCache {
    private static final int WAYS = 4;

    /** Answers of one question that are made of a pool, by lot, for different endpoints. */
    private static final int MAX_VARIANTS = 32;

    /** For each entry that there may be; most answers are far shorter. */
    private static final long BYTES_EACH = 512;

    private static final int OVERHEAD_BYTES = 160;

    private final @Nullable Entry[] entries;

    /** Of the entries' questions, so that others are passed over without a look at them. */
    private final int[] hashes;

    private final int mask;
    private final long mostBytes;
    private long bytes;
    private int victim;
    private int hand;

    /** What is known about one question. */
    static final class Entry {
        private final byte[] key;
        private final int line;
        private final int flags;

        /** The pool that decides, or null. */
        final @Nullable Choice choice;

        private long chosen;
        private @Nullable ReadyAnswer answer;

        /** Those that name other endpoints. */
        private @Nullable Entry next;

        private Entry(byte[] key, int line, int flags, @Nullable Choice choice) {
            this.key = key;
            this.line = line;
            this.flags = flags;
            this.choice = choice;
        }

        private boolean isOf(Request request, int askedLine, int askedFlags) {
            return line == askedLine
                    && flags == askedFlags
                    && Arrays.equals(key, 0, key.length, request.key, 0, request.keyLength);
        }

        /** The answer that names the endpoints {@code bits}; null when it is to be made. */
        @Nullable ReadyAnswer answer(long bits, long millis) {
            for (Entry at = this; at != null; at = at.next) {
                ReadyAnswer ready = at.answer;
                if (at.chosen == bits && ready != null)
                    return millis < ready.untilMillis ? ready : null;
            }
            return null;
        }

        private long size() {
            long size = key.length;
            for (Entry at = this; at != null; at = at.next)
                size += OVERHEAD_BYTES + (at.answer == null ? 0 : at.answer.bytes.length);
            return size;
        }
    }

    /** Keeps {@code size} entries at most, or a little fewer. */
    AnswerCache(int size) {
        int places = Integer.highestOneBit(Math.max(WAYS, size));
        this.entries = new Entry[places];
        this.hashes = new int[places];
        this.mask = places - 1;
        this.mostBytes = places * BYTES_EACH;
    }

    @Nullable Entry find(Request request, int line, int flags) {
        int hash = hash(request, line, flags);
        int place = place(hash);
        for (int at = place; at < place + WAYS; at++) {
            if (hashes[at] != hash) continue;
            Entry entry = entries[at];
            if (entry != null && entry.isOf(request, line, flags)) return entry;
        }
        return null;
    }

    /** Keeps the first answer to a question. */
    void open(
            Request request,
            int line,
            int flags,
            @Nullable Choice choice,
            long chosen,
            ReadyAnswer answer) {
        int hash = hash(request, line, flags);
        int place = place(hash);
        int at = place;
        while (at < place + WAYS && entries[at] != null) at++;
        if (at == place + WAYS) at = place + (victim++ & (WAYS - 1));
        drop(at);
        byte[] key = Arrays.copyOf(request.key, request.keyLength);
        Entry entry = new Entry(key, line, flags, choice);
        entry.chosen = chosen;
        entry.answer = answer;
        entries[at] = entry;
        hashes[at] = hash;
        bytes += entry.size();
        makeRoom();
    }

    /** Keeps another answer to a question, in place of one that names the same endpoints. */
    void add(Entry entry, long chosen, ReadyAnswer answer) {
        bytes -= entry.size();
        Entry at = entry;
        int variants = 1;
        while (at.chosen != chosen && at.next != null && variants < MAX_VARIANTS) {
            at = at.next;
            variants++;
        }
        if (at.chosen != chosen && variants < MAX_VARIANTS) {
            at.next = new Entry(entry.key, entry.line, entry.flags, entry.choice);
            at = at.next;
        }
        at.chosen = chosen;
        at.answer = answer;
        bytes += entry.size();
        makeRoom();
    }

    private void makeRoom() {
        while (bytes > mostBytes) drop(hand++ & mask);
    }

    private void drop(int at) {
        Entry entry = entries[at];
        if (entry == null) return;
        bytes -= entry.size();
        entries[at] = null;
    }

    void clear() {
        Arrays.fill(entries, null);
        bytes = 0;
    }

    private static int hash(Request request, int line, int flags) {
        int hash = (request.keyHash + line * 31 + flags) * 0x9e3779b9;
        return hash ^ hash >>> 15;
    }

    private int place(int hash) {
        return hash & mask & -WAYS;
    }
}
