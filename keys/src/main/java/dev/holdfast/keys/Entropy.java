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
