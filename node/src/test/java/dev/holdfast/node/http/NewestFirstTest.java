package dev.holdfast.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class NewestFirstTest {
    @Test
    void what_came_last_is_done_first() throws Exception {
        List<String> done = new CopyOnWriteArrayList<>();
        try (NewestFirst pool = new NewestFirst(Executors.defaultThreadFactory(), 1)) {
            CountDownLatch working = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            pool.execute(() -> {
                working.countDown();
                awaitUninterrupted(go);
            });
            working.await();
            for (String task : List.of("first", "second", "third"))
                pool.execute(() -> done.add(task));
            go.countDown();
        }
        assertThat(done).containsExactly("third", "second", "first");
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
