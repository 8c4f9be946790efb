package dev.holdfast.keys.wire;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.holdfast.core.Bytes;
import dev.holdfast.core.Limits;
import dev.holdfast.core.MalformedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;

/**
 * The form of a binary WebSocket message, in both directions: one byte that says how the rest is
 * written (0 as it is, 1 by zstd, RFC 8878), then one message of the protocol. Bodies of {@code
 * POST /v1/sync} carry no such byte; there {@code Content-Encoding: zstd} says it. Thread-safe.
 */
public final class Frames {
    /** The longest frame: a message that does not shrink, and its first byte. */
    public static final int MAX_BYTES = Limits.MESSAGE_BYTES + 1;

    private static final byte PLAIN = 0;
    private static final byte ZSTD = 1;
    private static final int LEVEL = 3;

    /** Below this a message seldom shrinks by what compressing costs. */
    private static final int WORTHWHILE_BYTES = 1024;

    /** 8 MiB, the window that RFC 9659 allows on the web: a frame cannot ask for more memory. */
    private static final int WINDOW_LOG = 23;

    private Frames() {}

    /** Frames an encoded message. */
    public static Bytes frame(Bytes message) {
        if (message.size() > WORTHWHILE_BYTES) {
            Bytes compressed = compress(message);
            if (compressed.size() < message.size()) return prefixed(ZSTD, compressed);
        }
        return prefixed(PLAIN, message);
    }

    /**
     * The message in a frame.
     *
     * @throws MalformedException when it is none, or its message is over {@link
     *     Limits#MESSAGE_BYTES}; no more memory than that is taken to find out
     */
    public static Bytes message(Bytes frame) {
        if (frame.size() == 0) throw new MalformedException("an empty frame");
        Bytes rest = frame.slice(1, frame.size());
        return switch (frame.at(0)) {
            case PLAIN -> {
                if (rest.size() > Limits.MESSAGE_BYTES) throw tooLong(Limits.MESSAGE_BYTES);
                yield rest;
            }
            case ZSTD -> decompress(rest, Limits.MESSAGE_BYTES);
            default -> throw new MalformedException("a frame of an unknown form");
        };
    }

    /** By zstd, at a level that costs about what signing does. */
    public static Bytes compress(Bytes plain) {
        return Bytes.wrap(Zstd.compress(plain.unsafeArray(), LEVEL));
    }

    /**
     * Undoes {@link #compress}.
     *
     * @throws MalformedException when it is not zstd, or becomes more than {@code maxBytes}
     */
    public static Bytes decompress(Bytes compressed, int maxBytes) {
        // The reader below takes nothing for a whole stream.
        if (compressed.size() == 0) throw new MalformedException("not zstd, or damaged");
        try (ZstdInputStreamNoFinalizer in =
                new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(compressed.unsafeArray()))
                        .setLongMax(WINDOW_LOG)) {
            byte[] out = new byte[(int) Math.min(maxBytes, 1024 + 4L * compressed.size())];
            int count = 0;
            int read = in.read(out, 0, out.length);
            while (read >= 0) {
                count += read;
                if (count == maxBytes) {
                    if (in.read() >= 0) throw tooLong(maxBytes);
                    break;
                }
                if (count == out.length) {
                    out = Arrays.copyOf(out, (int) Math.min(maxBytes, 2L * out.length));
                }
                read = in.read(out, count, out.length - count);
            }
            return Bytes.wrap(count == out.length ? out : Arrays.copyOf(out, count));
        } catch (IOException e) {
            throw new MalformedException("not zstd, or damaged");
        }
    }

    private static Bytes prefixed(byte form, Bytes rest) {
        byte[] framed = new byte[rest.size() + 1];
        framed[0] = form;
        System.arraycopy(rest.unsafeArray(), 0, framed, 1, rest.size());
        return Bytes.wrap(framed);
    }

    private static MalformedException tooLong(int maxBytes) {
        return new MalformedException("over " + maxBytes + " bytes");
    }
}
