package dev.holdfast.core.codec;

import dev.holdfast.core.MalformedException;
import java.util.Comparator;

/**
 * UTF-8 by hand: TeaVM's charset API is several times slower, and a lone surrogate must be an
 * error.
 */
public final class Utf8 {
    /** Shorter encodings first, then by code point: the order of deterministic CBOR's map keys. */
    public static final Comparator<String> LENGTH_FIRST = Utf8::compareLengthFirst;

    private Utf8() {}

    /** The number of bytes of {@code text}. */
    public static int length(String text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : Character.isSurrogate(c) ? 2 : 3;
        }
        return bytes;
    }

    /**
     * Refuses text that has no UTF-8.
     *
     * @throws MalformedException on a surrogate without its other half
     */
    public static void requireWellFormed(String text) {
        int i = 0;
        while (i < text.length()) {
            boolean surrogate = Character.isSurrogate(text.charAt(i));
            if (surrogate && !pairAt(text, i)) throw halfAPair();
            i += surrogate ? 2 : 1;
        }
    }

    /** Writes well-formed {@code text} at {@code at}; answers where it ends. */
    static int write(String text, byte[] out, int at) {
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i++);
            if (c < 0x80) {
                out[at++] = (byte) c;
            } else if (c < 0x800) {
                out[at++] = (byte) (0xc0 | c >> 6);
                out[at++] = (byte) (0x80 | c & 0x3f);
            } else if (!Character.isSurrogate(c)) {
                out[at++] = (byte) (0xe0 | c >> 12);
                out[at++] = (byte) (0x80 | c >> 6 & 0x3f);
                out[at++] = (byte) (0x80 | c & 0x3f);
            } else {
                if (!pairAt(text, i - 1)) throw halfAPair();
                int point = Character.toCodePoint(c, text.charAt(i++));
                out[at++] = (byte) (0xf0 | point >> 18);
                out[at++] = (byte) (0x80 | point >> 12 & 0x3f);
                out[at++] = (byte) (0x80 | point >> 6 & 0x3f);
                out[at++] = (byte) (0x80 | point & 0x3f);
            }
        }
        return at;
    }

    /**
     * Reads strictly: no overlong form, no surrogate, nothing above U+10FFFF.
     *
     * @throws MalformedException when it is not UTF-8
     */
    static String read(byte[] in, int from, int count) {
        char[] chars = new char[count];
        int length = 0;
        int at = from;
        int end = from + count;
        while (at < end) {
            int first = in[at++];
            if (first >= 0) {
                chars[length++] = (char) first;
                continue;
            }
            int more = first < (byte) 0xe0 ? 1 : first < (byte) 0xf0 ? 2 : 3;
            if (first < (byte) 0xc2 || first > (byte) 0xf4 || at + more > end) throw notUtf8();
            int point = first & (0x3f >> more);
            for (int i = 0; i < more; i++) {
                int next = in[at++];
                if ((next & 0xc0) != 0x80) throw notUtf8();
                point = point << 6 | next & 0x3f;
            }
            boolean overlong = more == 2 && point < 0x800 || more == 3 && point < 0x10000;
            if (overlong || point > 0x10ffff || point >= 0xd800 && point <= 0xdfff) throw notUtf8();
            if (point < 0x10000) {
                chars[length++] = (char) point;
            } else {
                chars[length++] = Character.highSurrogate(point);
                chars[length++] = Character.lowSurrogate(point);
            }
        }
        return new String(chars, 0, length);
    }

    private static boolean pairAt(String text, int i) {
        return Character.isHighSurrogate(text.charAt(i))
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
    }

    private static int compareLengthFirst(String a, String b) {
        int order = Integer.compare(length(a), length(b));
        if (order != 0) return order;
        for (int i = 0; i < Math.min(a.length(), b.length()); i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x == y) continue;
            // Code units order like code points but for surrogates, which stand for what is above
            // them all.
            boolean high = Character.isSurrogate(x);
            if (high != Character.isSurrogate(y)) return high ? 1 : -1;
            return Character.compare(x, y);
        }
        return Integer.compare(a.length(), b.length());
    }

    private static MalformedException halfAPair() {
        return new MalformedException("text with half a surrogate pair");
    }

    private static MalformedException notUtf8() {
        return new MalformedException("text is not UTF-8");
    }
}
