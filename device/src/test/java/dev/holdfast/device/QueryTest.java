package dev.holdfast.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class QueryTest {
    private static final long SEED = 5;

    @TempDir static Path folder;

    private Device device;
    private Scope clinic;
    private final List<Patient> patients = new ArrayList<>();

    private record Patient(String id, String name, int age, String city, boolean inside) {}

    QueryTest() {
        device = Devices.offline(folder.resolve("q" + System.identityHashCode(this)), 1);
        clinic = device.scope("clinic-7");
    }

    @BeforeEach
    void write() {
        Random random = new Random(SEED);
        clinic.transaction(tx -> {
            for (int i = 0; i < 300; i++) {
                Patient patient =
                        new Patient(
                                "p" + i,
                                "name-" + random.nextInt(40),
                                random.nextInt(100),
                                "city-" + random.nextInt(5),
                                random.nextBoolean());
                patients.add(patient);
                tx.put(
                        "patients",
                        patient.id(),
                        Map.of(
                                "name",
                                patient.name(),
                                "age",
                                patient.age(),
                                "inside",
                                patient.inside(),
                                "address",
                                Map.of("city", patient.city())));
            }
            tx.put("patients", "odd", Map.of("age", "unknown", "name", 7, "inside", 1));
            tx.put("doctors", "d1", Map.of("name", "name-1", "age", 40));
        });
        device.scope("clinic-8").put("patients", "p1", Map.of("name", "name-1", "age", 1));
    }

    @AfterEach
    void close() {
        device.close();
    }

    @Test
    void queries_find_what_a_scan_would_find_in_its_order() {
        Query all = clinic.query("patients");
        same(all.equal("name", "name-7"), p -> p.name().equals("name-7"), byId());
        same(all.atLeast("age", 60), p -> p.age() >= 60, byAge());
        same(all.above("age", 60).below("age", 70), p -> p.age() > 60 && p.age() < 70, byAge());
        same(all.atMost("age", 10.5), p -> p.age() <= 10.5, byAge());
        same(
                all.equal("address.city", "city-3").orderBy("name"),
                p -> p.city().equals("city-3"),
                Comparator.comparing(Patient::name).thenComparing(Patient::id));
        same(
                all.atLeast("name", "name-3").atMost("name", "name-31").orderByDescending("age"),
                p -> p.name().compareTo("name-3") >= 0 && p.name().compareTo("name-31") <= 0,
                byAge().reversed());
        same(all.equal("inside", true), Patient::inside, byId());
        assertThat(all.count()).isEqualTo(301);
        assertThat(all.atLeast("age", 60).limit(7).list()).hasSize(7);
        assertThat(all.equal("name", 7).list()).extracting(DocumentView::id).containsExactly("odd");
        assertThat(all.equal("name", "none").first()).isEmpty();
        assertThat(all.orderBy("age").limit(1).count()).isEqualTo(1);
    }

    @Test
    void a_query_by_an_indexed_field_searches_its_index_and_sorts_nothing() {
        Query all = clinic.query("patients");
        for (Query query :
                List.of(
                        all.equal("name", "x"),
                        all.atLeast("age", 3),
                        all.atMost("age", 3).limit(5),
                        all.above("name", "a").below("name", "b"),
                        all.equal("address.city", "x"),
                        all.orderBy("name"),
                        all.orderByDescending("age").limit(3))) {
            assertThat(documents(query))
                    .as("plan of %s", query.plan())
                    .allMatch(line -> line.startsWith("SEARCH") && line.contains("INDEX shown_"));
            assertThat(query.plan()).noneMatch(line -> line.contains("TEMP B-TREE"));
        }
        assertThat(documents(all)).allMatch(line -> line.startsWith("SEARCH"));
    }

    @Test
    void an_index_that_the_schema_names_later_is_made_over_what_is_there() {
        Path other = folder.resolve("later");
        try (Device before = Device.open(DeviceSettings.in(other))) {
            before.scope("s").put("c", "a", Map.of("x", 1));
        }
        DeviceSettings indexed =
                DeviceSettings.in(other).withSchema("{\"c\": {\"indexes\": [\"x\"]}}");
        try (Device after = Device.open(indexed)) {
            Query query = after.scope("s").query("c").equal("x", 1);
            assertThat(query.list()).hasSize(1);
            assertThat(documents(query)).allMatch(line -> line.contains("INDEX shown_"));
        }
    }

    @Test
    void what_has_no_order_cannot_be_compared() {
        Query all = clinic.query("patients");
        assertThatThrownBy(() -> all.equal("name", List.of()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> all.atLeast("inside", true))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(all.equal("na\"me') or 1=1 --", "x").list()).isEmpty();
    }

    private static List<String> documents(Query query) {
        return query.plan().stream().filter(line -> line.contains("documents")).toList();
    }

    private void same(Query query, Predicate<Patient> fits, Comparator<Patient> order) {
        List<String> expected =
                patients.stream().filter(fits).sorted(order).map(Patient::id).toList();
        assertThat(query.list()).extracting(DocumentView::id).isEqualTo(expected);
        assertThat(query.count()).isEqualTo(expected.size());
    }

    private static Comparator<Patient> byId() {
        return Comparator.comparing(Patient::id);
    }

    private static Comparator<Patient> byAge() {
        return Comparator.comparingInt(Patient::age).thenComparing(Patient::id);
    }
}
