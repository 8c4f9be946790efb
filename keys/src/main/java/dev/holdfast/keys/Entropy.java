package dev.holdfast.keys;

import dev.holdfast.core.Bytes;
import java.security.SecureRandom;

/**
 * Where unpredictable bytes come from. {@link #system()} is the only place of the project that
 * touches {@link SecureRandom}; a simulation passes a seeded one instead.
 */
@FunctionalInterface
public interface Entropy {
    /** {@code count} bytes nobody can guess. */
    Bytes bytes(int count);

    /** A number from 0 up to 1, and never 1, by which times are scattered. */
    default double fraction() {
        byte[] drawn = bytes(3).toArray();
        int bits = (drawn[0] & 0xff) << 16 | (drawn[1] & 0xff) << 8 | drawn[2] & 0xff;
        return bits / (double) (1 << 24);
    }

    /** The operating system's source; thread-safe. */
    static Entropy system() {
        SecureRandom random = new SecureRandom();
        return count -> {
            byte[] drawn = new byte[count];
            random.nextBytes(drawn);
            return Bytes.wrap(drawn);
        };
    }
}
