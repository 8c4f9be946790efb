package dev.holdfast.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LiveQueryTest {
    @TempDir Path folder;

    @Test
    void a_live_query_tells_what_it_finds_at_first_and_whenever_that_changes() throws Exception {
        try (Device device = Devices.offline(folder, 1)) {
            Scope clinic = device.scope("clinic-7");
            BlockingQueue<List<DocumentView>> told = new LinkedBlockingQueue<>();
            Subscription live =
                    clinic.watch(clinic.query("patients").atLeast("age", 18), told::add);
            assertThat(next(told)).isEmpty();
            clinic.put("patients", "child", Map.of("age", 7));
            clinic.put("doctors", "other", Map.of("age", 40));
            clinic.put("patients", "adult", Map.of("age", 40));
            assertThat(next(told)).extracting(DocumentView::id).containsExactly("adult");
            clinic.put("patients", "child", "age", 18);
            assertThat(next(told)).extracting(DocumentView::id).containsExactly("child", "adult");
            clinic.delete("patients", "adult");
            assertThat(next(told)).extracting(DocumentView::id).containsExactly("child");
            live.close();
            clinic.delete("patients", "child");
            assertThat(told.poll(50, TimeUnit.MILLISECONDS)).isNull();
        }
    }

    @Test
    void one_document_can_be_watched_from_before_it_is_there_to_its_end() throws Exception {
        try (Device device = Devices.offline(folder, 1)) {
            Scope clinic = device.scope("clinic-7");
            BlockingQueue<Optional<DocumentView>> told = new LinkedBlockingQueue<>();
            clinic.watch("patients", "amina", told::add);
            assertThat(next(told)).isEmpty();
            clinic.put("patients", "amina", "age", 7);
            assertThat(next(told).orElseThrow().integer("age")).hasValue(7);
            clinic.delete("patients", "amina");
            assertThat(next(told)).isEmpty();
        }
    }

    @Test
    void a_slow_listener_is_told_of_the_last_state_and_costs_writers_nothing() throws Exception {
        try (Device device = Devices.offline(folder, 1)) {
            Scope clinic = device.scope("clinic-7");
            CountDownLatch go = new CountDownLatch(1);
            BlockingQueue<Integer> sizes = new LinkedBlockingQueue<>();
            clinic.watch(
                    clinic.query("patients"),
                    found -> {
                        sizes.add(found.size());
                        awaitQuietly(go);
                    });
            assertThat(next(sizes)).isZero();
            for (int i = 0; i < 100; i++) clinic.put("patients", "p" + i, "age", i);
            go.countDown();
            int told = 1;
            while (next(sizes) < 100) told++;
            assertThat(told).isLessThan(20);
        }
    }

    @Test
    void a_listener_that_throws_hurts_no_other_and_is_told_again() throws Exception {
        try (Device device = Devices.offline(folder, 1)) {
            Scope clinic = device.scope("clinic-7");
            BlockingQueue<Integer> bad = new LinkedBlockingQueue<>();
            BlockingQueue<Integer> good = new LinkedBlockingQueue<>();
            Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
            BlockingQueue<Throwable> thrown = new LinkedBlockingQueue<>();
            Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> thrown.add(failure));
            try {
                clinic.watch(
                        clinic.query("patients"),
                        found -> {
                            bad.add(found.size());
                            throw new IllegalStateException("a fault of the application");
                        });
                clinic.watch(clinic.query("patients"), found -> good.add(found.size()));
                assertThat(next(bad)).isZero();
                assertThat(next(good)).isZero();
                clinic.put("patients", "amina", "age", 7);
                assertThat(next(bad)).isEqualTo(1);
                assertThat(next(good)).isEqualTo(1);
                assertThat(next(thrown)).hasMessageContaining("application");
            } finally {
                Thread.setDefaultUncaughtExceptionHandler(before);
            }
        }
    }

    private static <T> T next(BlockingQueue<T> told) throws InterruptedException {
        return Objects.requireNonNull(told.poll(20, TimeUnit.SECONDS), "nothing was told");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
