package dev.holdfast.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TypedCollectionTest {
    @TempDir static Path folder;

    private final Device device =
            Devices.offline(folder.resolve("t" + System.identityHashCode(this)), 1);
    private final Scope clinic = device.scope("clinic-7");

    enum Blood {
        A,
        O
    }

    record Address(String city, Optional<String> street) {}

    record Patient(
            String name,
            int age,
            double weight,
            boolean inside,
            Blood blood,
            LocalDate born,
            Instant seen,
            Address address,
            List<Address> others,
            Set<String> allergies,
            Map<String, Long> counts,
            Optional<Integer> floor,
            Bytes photo,
            @Nullable String nickname,
            long visits) {}

    private static final Patient AMINA =
            new Patient(
                    "Amina",
                    36,
                    61.5,
                    true,
                    Blood.O,
                    LocalDate.of(1990, 2, 28),
                    Instant.parse("2026-09-21T10:00:00.123Z"),
                    new Address("Solo", Optional.of("Jalan 1")),
                    List.of(new Address("Bandung", Optional.empty())),
                    Set.of("nuts", "milk"),
                    Map.of("x", 3L),
                    Optional.of(2),
                    Bytes.fromHex("c0ffee"),
                    null,
                    4);

    @AfterEach
    void close() {
        device.close();
    }

    @Test
    void a_record_comes_back_as_it_was_put() {
        TypedCollection<Patient> patients = clinic.collection("patients", Patient.class);
        patients.put("amina", AMINA);
        assertThat(patients.get("amina")).contains(AMINA);
        assertThat(patients.put("amina", AMINA).isNothing()).isTrue();
        assertThat(patients.get("nobody")).isEmpty();
        assertThat(patients.list(patients.query().atLeast("age", 30))).containsExactly(AMINA);
        assertThat(clinic.get("patients", "amina").orElseThrow().as(Patient.class))
                .isEqualTo(AMINA);
        patients.delete("amina");
        assertThat(patients.get("amina")).isEmpty();
    }

    @Test
    void counters_and_sets_merge_as_the_schema_says() {
        TypedCollection<Patient> patients = clinic.collection("patients", Patient.class);
        patients.put("amina", AMINA);
        clinic.increment("patients", "amina", "visits", 3);
        clinic.add("patients", "amina", "allergies", "cats");
        Patient now = patients.get("amina").orElseThrow();
        assertThat(now.visits()).isEqualTo(7);
        assertThat(now.allergies()).containsExactlyInAnyOrder("nuts", "milk", "cats");
    }

    @Test
    void a_patch_keeps_what_the_record_does_not_have_and_removes_what_it_says_is_not_there() {
        record Name(String name, Optional<Integer> floor, Address address) {}
        clinic.collection("patients", Patient.class).put("amina", AMINA);
        clinic.put("patients", "amina", "address.country", "ID");
        clinic.collection("patients", Name.class)
                .patch(
                        "amina",
                        new Name(
                                "Amina II",
                                Optional.empty(),
                                new Address("Solo", Optional.empty())));
        DocumentView now = clinic.get("patients", "amina").orElseThrow();
        assertThat(now.text("name")).contains("Amina II");
        assertThat(now.integer("age")).hasValue(36);
        assertThat(now.value("floor")).isEmpty();
        assertThat(now.value("address.street")).isEmpty();
        assertThat(now.text("address.country")).contains("ID");
    }

    @Test
    void what_is_missing_is_empty() {
        clinic.put("patients", "bare", "name", "Bare");
        Patient bare = clinic.collection("patients", Patient.class).get("bare").orElseThrow();
        assertThat(bare.age()).isZero();
        assertThat(bare.others()).isEmpty();
        assertThat(bare.floor()).isEmpty();
        assertThat(bare.address()).isNull();
    }

    @Test
    void a_field_that_does_not_fit_is_named() {
        TypedCollection<Patient> patients = clinic.collection("patients", Patient.class);
        clinic.put("patients", "odd", Map.of("age", "seven"));
        assertThatThrownBy(() -> patients.get("odd"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("age: expected a whole number, found text");
        clinic.put("patients", "odd", Map.of("address", Map.of("city", 7)));
        assertThatThrownBy(() -> patients.get("odd")).hasMessageContaining("address.city");
        clinic.put("patients", "odd", Map.of("blood", "Z"));
        assertThatThrownBy(() -> patients.get("odd")).hasMessage("blood: not one of Blood");
        clinic.put("patients", "odd", Map.of("born", "yesterday"));
        assertThatThrownBy(() -> patients.get("odd")).hasMessage("born: not a LocalDate");
        clinic.put("patients", "odd", Map.of("age", 1L << 40));
        assertThatThrownBy(() -> patients.get("odd")).hasMessageContaining("too great");
    }

    @Test
    void a_record_that_cannot_be_a_document_is_refused_when_it_is_first_used() {
        record Threaded(Thread thread) {}
        record Tags(Set<String> tags) {}
        assertThatThrownBy(() -> clinic.collection("patients", Threaded.class))
                .hasMessageContaining("Threaded.thread");
        assertThatThrownBy(() -> clinic.collection("patients", Tags.class))
                .hasMessageContaining("\"kind\": \"set\"");
    }

    @Test
    void values_of_all_kinds_are_read_by_path() {
        clinic.put(
                "patients",
                "x",
                Map.of("n", 1.5, "b", true, "raw", Bytes.fromHex("01"), "l", List.of(1, 2)));
        DocumentView x = clinic.get("patients", "x").orElseThrow();
        assertThat(x.number("n")).hasValue(1.5);
        assertThat(x.bool("b")).contains(true);
        assertThat(x.bytes("raw")).contains(Bytes.fromHex("01"));
        assertThat(x.list("l")).containsExactly(Value.of(1), Value.of(2));
        assertThat(x.text("n")).isEmpty();
        assertThat(x.integer("n.deep")).isEmpty();
    }
}
