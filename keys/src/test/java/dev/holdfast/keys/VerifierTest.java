package dev.holdfast.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class VerifierTest {
    @Test
    void many_threads_share_one_key_and_one_verifier() throws Exception {
        ReplicaKey key = ReplicaKey.create(Entropy.system());
        Verifier verifier = new Verifier();
        List<Callable<Boolean>> work = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Bytes message = Bytes.wrap(new byte[] {(byte) i, (byte) (i >> 8)});
            work.add(() -> verifier.verify(key.publicKey(), message, key.sign(message)));
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (Future<Boolean> held : threads.invokeAll(work)) assertThat(held.get()).isTrue();
        }
    }

    @Test
    void a_flood_of_foreign_keys_is_forgotten_in_bounded_memory() {
        Verifier verifier = new Verifier();
        for (int i = 0; i < 30_000; i++) {
            byte[] key = new byte[32];
            key[0] = (byte) i;
            key[1] = (byte) (i >> 8);
            key[2] = (byte) (i >> 16);
            key[31] = 0x7f;
            verifier.verify(Bytes.wrap(key), Bytes.EMPTY, Bytes.wrap(new byte[64]));
            assertThat(verifier.keysRemembered()).isLessThanOrEqualTo(20_000);
        }
    }

    @Test
    void what_is_in_use_stays_remembered() {
        Recent<Integer, Integer> recent = new Recent<>(100);
        int[] computed = {0};
        for (int i = 1; i <= 10_000; i++) {
            recent.get(i, n -> n);
            recent.get(
                    0,
                    n -> {
                        computed[0]++;
                        return n;
                    });
            assertThat(recent.size()).isLessThanOrEqualTo(100);
        }
        assertThat(computed[0]).isEqualTo(1);
    }
}
