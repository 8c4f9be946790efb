package dev.holdfast.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.store.link.Await;
import dev.holdfast.store.link.TestServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writes that go from device to device in a file. */
final class BundleTest {
    private static final URI NOWHERE = URI.create("https://localhost:1");
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir Path folder;

    @Test
    void what_was_written_on_one_is_on_the_other_and_the_same_file_twice_does_nothing() {
        try (Device amina = device("amina", 1);
                Device budi = device("budi", 2)) {
            put(amina, "p1", "Xenia");
            amina.scope("clinic-7").increment("patients", "p1", "visits", 2);
            Bytes file = amina.exportBundle();
            assertThat(budi.importBundle(file)).isEqualTo(2);
            assertThat(name(budi, "p1")).isEqualTo("Xenia");
            assertThat(budi.importBundle(file)).isZero();
            assertThat(visits(budi, "p1")).isEqualTo(2);
            assertThat(amina.status().unsyncedOperations())
                    .as("who exports goes on answering for it")
                    .isEqualTo(2);
        }
    }

    @Test
    void what_came_in_a_file_goes_on_in_the_next_one() {
        try (Device amina = device("amina", 1);
                Device budi = device("budi", 2);
                Device chidi = device("chidi", 3)) {
            put(amina, "p1", "Xenia");
            budi.importBundle(amina.exportBundle());
            budi.scope("clinic-7").increment("patients", "p1", "visits", 1);
            assertThat(chidi.importBundle(budi.exportBundle())).isEqualTo(2);
            assertThat(name(chidi, "p1")).isEqualTo("Xenia");
            assertThat(visits(chidi, "p1")).isEqualTo(1);
        }
    }

    @Test
    void who_took_it_in_brings_it_to_the_edge() throws Exception {
        try (TestServer edge =
                        TestServer.edge(Devices.AUTHORITY, Devices.CLOCK, Devices.entropy(7));
                Device amina = device("amina", 1);
                Device budi =
                        Devices.enrolled(
                                folder.resolve("budi"), edge.endpoint(), Devices.CLOCK, 2);
                Device chidi =
                        Devices.enrolled(
                                folder.resolve("chidi"), edge.endpoint(), Devices.CLOCK, 3)) {
            put(amina, "p1", "Xenia");
            budi.importBundle(amina.exportBundle());
            Write later = budi.scope("clinic-7").put("patients", "p2", "name", "Yusuf");
            assertThat(later.reached(Durability.EDGE, LONG)).isTrue();
            Scope read = chidi.scope("clinic-7");
            Await.until(() -> read.get("patients", "p1").isPresent(), () -> "it never came");
            assertThat(name(chidi, "p1")).isEqualTo("Xenia");
        }
    }

    @Test
    void of_a_damaged_file_nothing_is_kept() {
        try (Device amina = device("amina", 1);
                Device budi = device("budi", 2)) {
            put(amina, "p1", "Xenia");
            Bytes file = amina.exportBundle();
            byte[] changed = file.toArray();
            changed[changed.length / 2] ^= 1;
            for (Bytes bad :
                    List.of(
                            Bytes.wrap(changed),
                            file.slice(0, file.size() - 1),
                            file.slice(0, 10),
                            Bytes.EMPTY)) {
                assertThatThrownBy(() -> budi.importBundle(bad))
                        .isInstanceOf(DeviceException.class)
                        .hasMessageStartingWith("Nothing of the file was kept");
            }
            assertThat(budi.scope("clinic-7").get("patients", "p1")).isEmpty();
            assertThat(budi.importBundle(file)).isEqualTo(1);
        }
    }

    @Test
    void nobody_believes_a_grant_of_another_authority() {
        ReplicaKey stranger = ReplicaKey.create(Devices.entropy(99));
        try (Device amina = device("amina", 1);
                Device other =
                        Device.open(
                                Devices.settings(folder.resolve("other"), NOWHERE)
                                        .withAuthorities(stranger.publicKey()),
                                Devices.CLOCK,
                                Devices.entropy(4))) {
            other.enrol(TestServer.grant(stranger, Devices.grant(other, "*").grant()));
            put(amina, "p1", "Xenia");
            assertThatThrownBy(() -> other.importBundle(amina.exportBundle()))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("no-grant");
            assertThat(other.scope("clinic-7").get("patients", "p1")).isEmpty();
        }
    }

    @Test
    void without_a_grant_nothing_is_exported_or_taken_in() {
        try (Device amina = device("amina", 1);
                Device plain = Devices.offline(folder.resolve("plain"), 5)) {
            assertThatThrownBy(plain::exportBundle)
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("no grant");
            assertThatThrownBy(() -> plain.importBundle(amina.exportBundle()))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("no grant");
        }
    }

    @Test
    void a_copied_disk_is_found_out_by_a_file_and_nothing_of_either_is_lost() throws IOException {
        try (Device amina = device("amina", 1)) {
            put(amina, "p0", "Before");
            amina.exportBundle();
        }
        copy(folder.resolve("amina"), folder.resolve("copy"));
        try (Device amina = device("amina", 6);
                Device copy = device("copy", 7)) {
            Bytes before = amina.publicKey();
            put(amina, "p1", "Hers");
            put(copy, "p2", "The copy's");
            amina.exportBundle();
            assertThat(amina.importBundle(copy.exportBundle()))
                    .as("what both have under the old key, and what the copy wrote under it")
                    .isEqualTo(2);
            assertThat(amina.publicKey()).isNotEqualTo(before);
            assertThat(name(amina, "p0")).isEqualTo("Before");
            assertThat(name(amina, "p1")).isEqualTo("Hers");
            assertThat(name(amina, "p2")).isEqualTo("The copy's");
            try (Device budi = device("budi", 2)) {
                budi.importBundle(amina.exportBundle());
                assertThat(name(budi, "p1")).isEqualTo("Hers");
                assertThat(name(budi, "p2")).isEqualTo("The copy's");
            }
        }
    }

    private Device device(String name, long seed) {
        Device device =
                Device.open(
                        DeviceSettings.in(folder.resolve(name))
                                .withSchema(Devices.SCHEMA)
                                .withAuthorities(Devices.AUTHORITY.publicKey()),
                        Devices.CLOCK,
                        Devices.entropy(seed));
        device.enrol(Devices.grant(device, "*"));
        return device;
    }

    private static void put(Device device, String id, String name) {
        device.scope("clinic-7").put("patients", id, "name", name);
    }

    private static String name(Device device, String id) {
        return device.scope("clinic-7")
                .get("patients", id)
                .orElseThrow()
                .text("name")
                .orElseThrow();
    }

    private static long visits(Device device, String id) {
        return device.scope("clinic-7")
                .get("patients", id)
                .orElseThrow()
                .integer("visits")
                .orElseThrow();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.toList()) Files.copy(each, to.resolve(from.relativize(each)));
        }
    }
}
