package dev.holdfast.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.store.link.Await;
import dev.holdfast.store.link.LinkStatus;
import dev.holdfast.store.link.TestServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices at a real server. */
final class SyncTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir Path folder;

    private final TestServer edge;

    SyncTest() throws IOException {
        edge = TestServer.edge(Devices.AUTHORITY, Devices.CLOCK, Devices.entropy(2));
    }

    @AfterEach
    void stop() {
        edge.close();
    }

    @Test
    void a_write_reaches_the_edge_and_the_other_devices_live_query() throws Exception {
        try (Device amina = device("amina");
                Device budi = device("budi")) {
            Scope theirs = budi.scope("clinic-7");
            BlockingQueue<List<DocumentView>> told = new LinkedBlockingQueue<>();
            theirs.watch(theirs.query("patients").equal("name", "Xenia"), told::add);
            Write write =
                    amina.scope("clinic-7").put("patients", "x", Map.of("name", "Xenia", "age", 4));
            assertThat(write.reached(Durability.EDGE, LONG)).isTrue();
            assertThat(write.durability()).isEqualTo(Durability.EDGE);
            assertThat(amina.scope("clinic-7").get("patients", "x").orElseThrow().durability())
                    .contains(Durability.EDGE);
            List<DocumentView> found = next(told);
            while (found.isEmpty()) found = next(told);
            assertThat(found.get(0).isPending()).isFalse();
            for (Device each : List.of(amina, budi))
                assertThat(each.scope("clinic-7").reached("patients", "x"))
                        .isEqualTo(Durability.EDGE);
            assertThat(amina.status().unsyncedOperations()).isZero();
            assertThat(amina.status().link()).isInstanceOf(LinkStatus.Connected.class);
            assertThat(amina.status().subject()).contains("nurse-amina");
        }
    }

    @Test
    void acknowledgements_are_told_of_own_writes_by_name() throws Exception {
        try (Device amina = device("amina")) {
            BlockingQueue<Acknowledged> told = new LinkedBlockingQueue<>();
            amina.onAcknowledged(told::add);
            Write write = amina.scope("clinic-7").put("patients", "x", "name", "Xenia");
            Acknowledged first = next(told);
            assertThat(first.scope()).isEqualTo("clinic-7");
            assertThat(first.level()).isEqualTo(Durability.EDGE);
            assertThat(write.dots())
                    .containsExactly(new Dot(first.span().replica(), first.span().to()));
            assertThat(write.durability()).isEqualTo(Durability.EDGE);
        }
    }

    @Test
    void a_device_without_a_grant_works_and_catches_up_once_it_is_enrolled() throws Exception {
        try (Device amina =
                Devices.strange(folder.resolve("a"), edge.endpoint(), Devices.CLOCK, 3)) {
            BlockingQueue<LinkStatus> links = new LinkedBlockingQueue<>();
            amina.onLink(links::add);
            Write write = amina.scope("clinic-7").put("patients", "x", "name", "Xenia");
            assertThat(write.reached(Durability.EDGE, Duration.ofMillis(50))).isFalse();
            amina.enrol(Devices.grant(amina, "*"));
            assertThat(write.reached(Durability.EDGE, LONG)).isTrue();
            LinkStatus said = next(links);
            while (!(said instanceof LinkStatus.Connected)) said = next(links);
        }
    }

    @Test
    void values_written_at_the_same_time_are_kept_and_shown_until_one_is_chosen() throws Exception {
        try (Device amina = device("amina");
                Device budi = device("budi")) {
            Scope first = amina.scope("clinic-7");
            Scope second = budi.scope("clinic-7");
            amina.endpoints(List.of());
            edge.refuseAll(true);
            first.put("patients", "x", "ward", "A");
            second.put("patients", "x", "ward", "B");
            edge.refuseAll(false);
            amina.endpoints(List.of(edge.endpoint()));
            awaitConflicts(first, 1);
            awaitConflicts(second, 1);
            DocumentView seen = first.get("patients", "x").orElseThrow();
            assertThat(seen.isConflicted()).isTrue();
            Conflict other = Objects.requireNonNull(seen.conflicts().get("ward")).get(0);
            assertThat(List.of(other.value(), seen.value("ward").orElseThrow()))
                    .containsExactlyInAnyOrder(Value.of("A"), Value.of("B"));
            first.resolve("patients", "x", "ward", other.value());
            awaitConflicts(second, 0);
            assertThat(second.get("patients", "x").orElseThrow().value("ward"))
                    .contains(other.value());
        }
    }

    @Test
    void a_refused_write_is_told_with_its_reason_and_can_be_discarded() throws Exception {
        try (Device amina =
                Devices.strange(folder.resolve("a"), edge.endpoint(), Devices.CLOCK, 3)) {
            BlockingQueue<RejectedWrite> told = new LinkedBlockingQueue<>();
            amina.onRejected(told::add);
            amina.enrol(Devices.grant(amina, "patients"));
            Scope clinic = amina.scope("clinic-7");
            Write fine = clinic.put("patients", "x", "name", "Xenia");
            Write refused = clinic.put("orders", "o", Map.of("what", "cake"));
            Write later = clinic.increment("patients", "x", "visits", 1);
            RejectedWrite rejected = next(told);
            assertThat(rejected.code()).isEqualTo(Rejection.Code.FORBIDDEN);
            assertThat(rejected.reason()).contains("orders");
            assertThat(rejected.documents()).hasSize(1);
            assertThat(refused.reached(Durability.EDGE, LONG)).isFalse();
            assertThat(refused.rejection()).contains(rejected);
            assertThat(fine.reached(Durability.EDGE, LONG)).isTrue();
            assertThat(later.reached(Durability.EDGE, LONG)).isTrue();
            assertThat(clinic.rejections()).containsExactly(rejected);
            assertThat(clinic.get("orders", "o").orElseThrow().rejections()).hasSize(1);
            assertThat(amina.status().rejections()).isEqualTo(1);

            clinic.discard(rejected);
            assertThat(clinic.get("orders", "o")).isEmpty();
            assertThat(clinic.rejections()).isEmpty();
            assertThat(refused.reached(Durability.EDGE, Duration.ZERO)).isFalse();
            edge.cutAll();
            assertThat(
                            clinic.increment("patients", "x", "visits", 1)
                                    .reached(Durability.EDGE, LONG))
                    .isTrue();
            assertThat(clinic.rejections()).isEmpty();
        }
    }

    @Test
    void a_refused_write_is_written_again_once_the_grant_allows_it() throws Exception {
        try (Device amina =
                Devices.strange(folder.resolve("a"), edge.endpoint(), Devices.CLOCK, 3)) {
            amina.enrol(Devices.grant(amina, "orders"));
            Scope clinic = amina.scope("clinic-7");
            clinic.transaction(tx ->
                    tx.put("patients", "x", "name", "Xenia")
                            .increment("patients", "x", "visits", 2)
                            .add("patients", "x", "allergies", "nuts"));
            Await.until(() -> !clinic.rejections().isEmpty(), () -> "nothing was refused");
            amina.enrol(Devices.grant(amina, "*"));
            Write again = clinic.writeAgain(clinic.rejections().get(0));
            assertThat(again.reached(Durability.EDGE, LONG)).isTrue();
            DocumentView x = clinic.get("patients", "x").orElseThrow();
            assertThat(x.text("name")).contains("Xenia");
            assertThat(x.integer("visits")).hasValue(2);
            assertThat(x.list("allergies")).containsExactly(Value.of("nuts"));
            try (Device budi = device("budi")) {
                Scope theirs = budi.scope("clinic-7");
                Await.until(() -> theirs.get("patients", "x").isPresent(), () -> "nothing arrived");
                assertThat(theirs.get("patients", "x").orElseThrow().fields())
                        .isEqualTo(x.fields());
            }
        }
    }

    @Test
    void a_region_tells_a_device_that_its_clock_is_ahead_and_later_writes_are_stamped_right()
            throws Exception {
        InstantSource ahead = InstantSource.fixed(Devices.NOW.plus(Duration.ofDays(1)));
        try (TestServer region =
                        TestServer.region(Devices.AUTHORITY, Devices.CLOCK, Devices.entropy(9));
                Device amina = Devices.enrolled(folder.resolve("a"), region.endpoint(), ahead, 3)) {
            Scope clinic = amina.scope("clinic-7");
            Write early = clinic.put("patients", "x", "name", "early");
            assertThat(early.reached(Durability.REGION, LONG)).isTrue();
            assertThat(amina.status().clockAhead()).isEqualTo(Duration.ofDays(1));
            assertThat(amina.nowMillis()).isEqualTo(Devices.NOW.toEpochMilli());
            assertThatThrownBy(() -> early.reached(Durability.GLOBAL, LONG))
                    .isInstanceOf(IllegalArgumentException.class);
            region.mark("clinic-7", amina.replica(), Durability.APPLIED);
            assertThat(early.reached(Durability.APPLIED, LONG)).isTrue();
            assertThat(clinic.durability("patients", "x")).isEmpty();
        }
    }

    private Device device(String name) {
        return Devices.enrolled(
                folder.resolve(name), edge.endpoint(), Devices.CLOCK, name.hashCode());
    }

    private static void awaitConflicts(Scope scope, int count) {
        Await.until(
                () -> scope.conflicts("patients", "x").size() == count,
                () -> "conflicts are " + scope.conflicts("patients", "x"));
    }

    private static <T> T next(BlockingQueue<T> told) throws InterruptedException {
        return Objects.requireNonNull(told.poll(30, TimeUnit.SECONDS), "nothing was told");
    }
}
