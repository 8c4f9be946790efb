package dev.holdfast.node.sync;

import dev.holdfast.core.Bytes;

/**
 * How much memory an encoded message takes at most once it is decoded. A byte of it may become
 * fifty: 768 bytes off the wire unpack to the longest message, and that to 200 MiB of small maps.
 * Found by one pass over the heads, which makes nothing.
 */
final class Unfolding {
    /**
     * An item and what refers to it. The dearest are a text of one character, and the names and
     * values of a map of two.
     */
    private static final long ITEM_BYTES = 64;

    /** A batch's body begins so, and is the only byte string that is decoded into many items. */
    private static final byte BODY = (byte) 0x87;

    private Unfolding() {}

    /**
     * In KiB; what is malformed counts as far as it can be read, since it is decoded no further.
     */
    static int kib(Bytes encoded) {
        byte[] in = encoded.unsafeArray();
        long bytes = 2L * in.length + ITEM_BYTES * items(in, 0, in.length, true);
        return (int) (bytes / 1024);
    }

    private static long items(byte[] in, int from, int to, boolean intoBodies) {
        long items = 0;
        int at = from;
        while (at < to) {
            int major = in[at] >> 5 & 7;
            int low = in[at] & 31;
            at++;
            items++;
            if (low > 27) return items;
            int more = low < 24 ? 0 : 1 << low - 24;
            if (more > to - at) return items;
            long argument = low < 24 ? low : 0;
            for (int i = 0; i < more; i++) argument = argument << 8 | in[at++] & 0xff;
            if (major != 2 && major != 3) continue;
            if (argument < 0 || argument > to - at) return items;
            int end = at + (int) argument;
            if (major == 2 && intoBodies && at < end && in[at] == BODY)
                items += items(in, at, end, false);
            at = end;
        }
        return items;
    }
}
