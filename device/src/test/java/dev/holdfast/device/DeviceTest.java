package dev.holdfast.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Dot;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DeviceTest {
    @TempDir Path folder;

    @Test
    void what_is_written_offline_is_there_after_a_restart_under_the_same_key() {
        var key = publicKeyAfterWriting();
        try (Device device = Devices.offline(folder, 2)) {
            assertThat(device.publicKey()).isEqualTo(key);
            DocumentView amina = amina(device);
            assertThat(amina.text("name")).contains("Amina");
            assertThat(amina.text("address.city")).contains("Bandung");
            assertThat(amina.integer("visits")).hasValue(3);
            assertThat(amina.list("allergies")).containsExactly(Value.of("nuts"));
            assertThat(amina.durability()).contains(Durability.DEVICE);
            assertThat(device.status().unsyncedOperations()).isEqualTo(6);
            assertThat(device.status().oldestUnsynced()).contains(Devices.NOW);
            assertThat(device.status().unsyncedBytes()).isPositive();
            assertThat(device.scope("clinic-7").pending(10)).hasSize(1);
        }
    }

    private dev.holdfast.core.Bytes publicKeyAfterWriting() {
        try (Device device = Devices.offline(folder, 1)) {
            Scope clinic = device.scope("clinic-7");
            clinic.put(
                    "patients",
                    "amina",
                    Map.of("name", "Amina", "address", Map.of("city", "Solo", "street", "1")));
            clinic.put("patients", "amina", "address.city", "Bandung");
            clinic.increment("patients", "amina", "visits", 2);
            clinic.increment("patients", "amina", "visits", 1);
            clinic.add("patients", "amina", "allergies", "nuts");
            clinic.unset("patients", "amina", "address.street");
            assertThat(clinic.put("patients", "amina", "name", "Amina").isNothing()).isTrue();
            return device.publicKey();
        }
    }

    @Test
    void a_write_names_its_operations_and_none_where_nothing_was_changed() {
        try (Device device = Devices.offline(folder, 1)) {
            Scope clinic = device.scope("clinic-7");
            Write both =
                    clinic.transaction(tx ->
                            tx.put("patients", "a", "name", "A").put("patients", "b", "name", "B"));
            assertThat(both.dots())
                    .containsExactly(new Dot(device.replica(), 1), new Dot(device.replica(), 2));
            assertThat(clinic.put("patients", "a", "name", "A").dots()).isEmpty();
            assertThat(clinic.put("patients", "a", "name", "C").dots())
                    .containsExactly(new Dot(device.replica(), 3));
        }
    }

    @Test
    void a_patch_follows_RFC_7396() {
        try (Device device = Devices.offline(folder, 1)) {
            Scope clinic = device.scope("clinic-7");
            clinic.put(
                    "patients",
                    "amina",
                    Map.of("name", "Amina", "age", 7, "address", Map.of("city", "Solo", "no", 1)));
            Value.Map patch =
                    (Value.Map)
                            Value.from(
                                    Map.of(
                                            "age",
                                            Value.NIL,
                                            "address",
                                            Map.of("no", Value.NIL, "zip", "57111"),
                                            "ward",
                                            "B"));
            clinic.patch("patients", "amina", patch);
            assertThat(amina(device).fields())
                    .isEqualTo(
                            Value.from(
                                    Map.of(
                                            "name",
                                            "Amina",
                                            "ward",
                                            "B",
                                            "address",
                                            Map.of("city", "Solo", "zip", "57111"))));
        }
    }

    @Test
    void a_transaction_is_written_whole_or_not_at_all() {
        try (Device device = Devices.offline(folder, 1)) {
            Scope clinic = device.scope("clinic-7");
            assertThatThrownBy(() ->
                            clinic.transaction(tx -> {
                                tx.put("patients", "a", Map.of("name", "A"));
                                throw new IllegalStateException("no");
                            }))
                    .hasMessage("no");
            assertThatThrownBy(() ->
                            clinic.transaction(tx ->
                                    tx.put("patients", "a", "name", "A")
                                            .put("patients", "b", "name", "x".repeat(600_000))))
                    .isInstanceOf(MalformedException.class);
            assertThat(clinic.query("patients").list()).isEmpty();
            clinic.transaction(tx ->
                    tx.put("patients", "a", "name", "A")
                            .increment("patients", "b", "visits", 1)
                            .delete("patients", "a"));
            assertThat(clinic.get("patients", "a")).isEmpty();
            assertThat(clinic.get("patients", "b")).isPresent();
            clinic.delete("patients", "b");
            assertThat(clinic.get("patients", "b")).isEmpty();
            assertThat(clinic.durability("patients", "b")).contains(Durability.DEVICE);
        }
    }

    @Test
    void a_write_is_DEVICE_at_once_and_waits_no_longer_than_asked_for_more() throws Exception {
        try (Device device = Devices.offline(folder, 1)) {
            Write write = device.scope("clinic-7").put("patients", "amina", "name", "Amina");
            assertThat(write.durability()).isEqualTo(Durability.DEVICE);
            assertThat(write.reached(Durability.DEVICE, Duration.ZERO)).isTrue();
            assertThat(write.reached(Durability.EDGE, Duration.ofMillis(20))).isFalse();
            assertThat(write.rejection()).isEmpty();
            assertThatThrownBy(() -> write.reached(Durability.GLOBAL, Duration.ZERO))
                    .hasMessageContaining("up to APPLIED");
        }
    }

    @Test
    void a_full_disk_is_told_to_the_writer_and_reads_go_on() throws Exception {
        Path mount = Files.createDirectory(folder.resolve("small"));
        Assumptions.assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", mount.toString()) == 0,
                "a tmpfs cannot be mounted here, so the disk is not filled");
        try (Device device = Devices.offline(mount.resolve("device"), 1)) {
            Scope clinic = device.scope("clinic-7");
            clinic.put("patients", "amina", "name", "Amina");
            StoreException full =
                    catchThrowableOfType(
                            StoreException.class,
                            () -> {
                                for (int i = 0; i < 100; i++) {
                                    clinic.put("patients", "p" + i, "name", "x".repeat(100_000));
                                }
                            });
            assertThat(full.kind()).isEqualTo(StoreException.Kind.FULL);
            assertThat(amina(device).text("name")).contains("Amina");
        } finally {
            run("umount", mount.toString());
        }
    }

    @Test
    void settings_that_do_not_fit_together_are_told() {
        assertThatThrownBy(() ->
                        Device.open(
                                DeviceSettings.in(folder).withEndpoints("https://edge.test:8443")))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("withCa");
        try (Device device = Devices.offline(folder.resolve("a"), 1);
                Device other = Devices.offline(folder.resolve("b"), 2)) {
            assertThatThrownBy(() -> device.enrol(Devices.grant(other, "*")))
                    .hasMessageContaining(device.publicKey().hex());
            assertThat(device.grant()).isEmpty();
            assertThatThrownBy(() -> Devices.offline(folder.resolve("a"), 3))
                    .isInstanceOf(StoreException.class);
            assertThatThrownBy(() -> device.scope("not a scope"))
                    .isInstanceOf(MalformedException.class);
        }
    }

    @Test
    void a_closed_device_says_so_and_wakes_who_waits() throws Exception {
        Device device = Devices.offline(folder, 1);
        Write write = device.scope("clinic-7").put("patients", "amina", "name", "Amina");
        Thread waiting =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                write.reached(Durability.EDGE, Duration.ofMinutes(5));
                            } catch (StoreException e) {
                                // The store is closed.
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
        device.close();
        device.close();
        assertThat(waiting.join(Duration.ofSeconds(20))).isTrue();
        assertThatThrownBy(() -> device.scope("clinic-7").get("patients", "amina"))
                .hasMessageContaining("closed");
    }

    private static DocumentView amina(Device device) {
        Optional<DocumentView> found = device.scope("clinic-7").get("patients", "amina");
        return found.orElseThrow();
    }

    private static int run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().readAllBytes();
        return process.waitFor();
    }
}
