package dev.holdfast.edge;

import static dev.holdfast.edge.Clinic.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.Span;
import dev.holdfast.core.replica.BatchHead;
import dev.holdfast.core.replica.Rejection;
import dev.holdfast.store.link.LinkStatus;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegionLinkTest {
    @TempDir Path folder;

    @Test
    void a_regions_word_comes_down_to_the_devices_live_and_to_those_who_come_later()
            throws Exception {
        Clinic clinic = new Clinic(folder);
        try (TestRegion region = new TestRegion(clinic);
                EdgeNode edge = start(clinic, region);
                Clinic.Device amina = clinic.device("amina", edge.address())) {
            amina.put("p1", "name", Value.of("Siti"));
            await("the edge passed it on", () -> amina.durability("p1") == Durability.REGION);
            assertThat(edge.region()).isInstanceOf(LinkStatus.Connected.class);
            assertThat(edge.backlogOperations()).isEqualTo(1);
            region.apply(amina.store.key().replica());
            await("applied", () -> amina.durability("p1") == Durability.APPLIED);
            await("given up at the edge", () -> edge.backlogOperations() == 0);

            amina.put("p2", "name", Value.of("Wati"));
            await("again", () -> amina.durability("p2") == Durability.REGION);
            amina.link.close();
            region.apply(amina.store.key().replica());
            await("given up at the edge", () -> edge.backlogOperations() == 0);
            assertThat(amina.durability("p2")).isEqualTo(Durability.REGION);
            try (Clinic.Device back = clinic.device(amina.store, edge.address())) {
                await("told when it came back", () -> back.durability("p2") == Durability.APPLIED);
            }
        }
    }

    @Test
    void a_refusal_of_the_region_comes_down_to_the_author() throws Exception {
        Clinic clinic = new Clinic(folder);
        try (TestRegion region = new TestRegion(clinic);
                EdgeNode edge = start(clinic, region);
                Clinic.Device amina = clinic.device("amina", edge.address())) {
            amina.put("p1", "name", Value.of("Siti"));
            await("the region has it", () -> amina.durability("p1") == Durability.REGION);
            var replica = amina.store.key().replica();
            BatchHead head =
                    Objects.requireNonNull(
                            amina.store.read(t -> t.batchTo(Clinic.SCOPE, replica, 1)));
            Rejection rejection =
                    new Rejection(
                            Clinic.SCOPE,
                            new Span(replica, 1, 1, head.hash()),
                            Rejection.Code.MALFORMED,
                            "over a limit of the database");
            region.refuse(rejection);
            await(
                    "the author is told",
                    () ->
                            amina.store.read(t -> t.verdicts(Clinic.SCOPE, replica)).stream()
                                    .anyMatch(told -> told.rejection().equals(rejection)));
            assertThat(amina.store.read(t -> t.unconfirmed(Clinic.SCOPE)).isEmpty())
                    .as("given up, since it is the region's word")
                    .isTrue();
        }
    }

    @Test
    void what_is_written_on_both_sides_of_a_cut_comes_together_after_it() throws Exception {
        Clinic clinic = new Clinic(folder.resolve("one"));
        try (TestRegion region = new TestRegion(clinic)) {
            EdgeNode edge = start(clinic, region);
            try (Clinic.Device amina = clinic.device("amina", edge.address());
                    Clinic.Device far = clinic.device("far", region.address())) {
                amina.put("p1", "name", Value.of("Siti"));
                await("seen beyond the edge", () -> !far.shown("p1").fields().isEmpty());
                edge.regions(List.of());
                edge.close();
                far.put("p1", "ward", Value.of(7));
                await("at the region", () -> far.durability("p1") == Durability.REGION);
                try (EdgeNode again = start(clinic, region)) {
                    amina.link.endpoints(List.of(again.address()));
                    amina.link.wake();
                    await("seen behind the edge", () -> amina.shown("p1").fields().size() == 2);
                }
            } finally {
                edge.close();
            }
        }
    }

    @Test
    void all_of_three_hundred_scopes_are_passed_on_and_followed() throws Exception {
        Clinic clinic = new Clinic(folder);
        List<String> scopes = IntStream.range(0, 300).mapToObj(number -> "ward-" + number).toList();
        try (TestRegion region = new TestRegion(clinic);
                EdgeNode edge = start(clinic, region);
                Clinic.Device amina = clinic.device("amina", edge.address())) {
            for (String scope : scopes) amina.put(scope, "p1", "name", Value.of("Siti"));
            await("the region has all", () -> region.scopes().containsAll(scopes));
            assertThat(edge.joinedScopes()).containsAll(scopes);
            for (String scope : scopes) region.apply(scope, amina.store.key().replica());
            await("given up at the edge", () -> edge.backlogOperations() == 0);
        }
    }

    private static EdgeNode start(Clinic clinic, TestRegion region) throws Exception {
        return EdgeMain.start(clinic.settings().withRegions(List.of(region.address())));
    }
}
