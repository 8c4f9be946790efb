package dev.holdfast.node.http;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.holdfast.core.Bytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** zstd as a content encoding (RFC 8878), with bounds on what a body may grow to. Thread-safe. */
public final class ZstdCoding {
    public static final String NAME = "zstd";

    private static final int LEVEL = 3;

    /** 8 MiB, the window that RFC 9659 allows on the web: a frame cannot ask for more memory. */
    private static final int WINDOW_LOG = 23;

    /** Below this the frame costs more than it saves. */
    private static final int WORTHWHILE_BYTES = 256;

    private ZstdCoding() {}

    public static byte[] compress(byte[] plain) {
        return Zstd.compress(plain, LEVEL);
    }

    /**
     * The plain bytes; empty when {@code compressed} is not zstd.
     *
     * @throws ProblemException {@code body-too-large} as soon as they are more than {@code
     *     limitBytes}
     */
    public static Optional<Bytes> decompress(byte[] compressed, int limitBytes) {
        try (ZstdInputStreamNoFinalizer in =
                new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(compressed))
                        .setLongMax(WINDOW_LOG)) {
            byte[] out =
                    new byte
                            [Math.min(
                                    limitBytes,
                                    Math.max(1024, 4 * Math.min(compressed.length, 1 << 20)))];
            int count = 0;
            while (true) {
                if (count == out.length) {
                    if (count == limitBytes) {
                        if (in.read() < 0) break;
                        throw new ProblemException(Problem.bodyTooLarge(limitBytes));
                    }
                    out = Arrays.copyOf(out, (int) Math.min(limitBytes, 2L * out.length));
                }
                int read = in.read(out, count, out.length - count);
                if (read < 0) break;
                count += read;
            }
            return Optional.of(Bytes.wrap(count == out.length ? out : Arrays.copyOf(out, count)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Whether an {@code Accept-Encoding} header takes zstd. */
    static boolean accepted(String header) {
        for (String offer : header.toLowerCase(Locale.ROOT).split(",", 32)) {
            String[] parts = offer.strip().split("\\s*;\\s*", 4);
            if (!parts[0].equals(NAME)) continue;
            return Arrays.stream(parts).noneMatch(part -> part.matches("q\\s*=\\s*0(\\.0*)?"));
        }
        return false;
    }

    static boolean worthwhile(String contentType, int sizeBytes) {
        return sizeBytes >= WORTHWHILE_BYTES
                && (contentType.startsWith("text/")
                        || contentType.endsWith("json")
                        || contentType.endsWith("cbor"));
    }
}
