package dev.holdfast.node.http;

import dev.holdfast.core.Bytes;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Percent-encoding (RFC 3986 section 2.1), read strictly: nothing half-right passes. */
final class Percent {
    private Percent() {}

    /**
     * The text between {@code from} and {@code to}; null when a percent sign lacks its two digits,
     * a character is not allowed to stand there unencoded, or the bytes are no UTF-8 (overlong
     * forms and surrogates are none).
     *
     * @param form whether {@code +} is a space, as in a query
     */
    static @Nullable String decode(String text, int from, int to, boolean form) {
        byte[] bytes = new byte[to - from];
        int count = 0;
        boolean plain = true;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c >= 0x7f) return null;
            if (c == '%') {
                int high = i + 1 < to ? Bytes.hexDigit(text.charAt(i + 1)) : -1;
                int low = i + 2 < to ? Bytes.hexDigit(text.charAt(i + 2)) : -1;
                if (high < 0 || low < 0) return null;
                bytes[count++] = (byte) (high << 4 | low);
                plain = false;
                i += 2;
            } else {
                if (form && c == '+') plain = false;
                bytes[count++] = (byte) (form && c == '+' ? ' ' : c);
            }
        }
        if (plain) return text.substring(from, to);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, 0, count))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
