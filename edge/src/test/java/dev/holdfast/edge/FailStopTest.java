package dev.holdfast.edge;

import static dev.holdfast.edge.Clinic.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.keys.FailingDisk;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailStopTest {
    @TempDir Path folder;

    @Test
    void an_edge_whose_flush_fails_ends_and_has_acknowledged_only_what_is_on_the_disk()
            throws Exception {
        Clinic clinic = new Clinic(folder.resolve("clinic"));
        try (FailingDisk disk = FailingDisk.make(folder)) {
            Path log = folder.resolve("edge.log");
            Process edge = start(settings(clinic, disk), log);
            try (Clinic.Device device = clinic.device("amina", address(log, edge))) {
                device.put("p1", "name", Value.of("Siti"));
                await("safe at the edge", () -> device.durability("p1") == Durability.EDGE);
                disk.fail();
                device.put("p2", "name", Value.of("x".repeat(200_000)));
                assertThat(edge.waitFor(90, TimeUnit.SECONDS)).as("it ends").isTrue();
                assertThat(edge.exitValue()).isEqualTo(1);
                assertThat(Files.readString(log))
                        .contains("The edge stops: The store's disk failed", "SQLITE_IOERR_FSYNC");
                assertThat(device.durability("p2")).isEqualTo(Durability.DEVICE);

                disk.mend();
                Path secondLog = folder.resolve("again.log");
                Process again = start(settings(clinic, disk), secondLog);
                try (Clinic.Device other = clinic.device("bashir", address(secondLog, again))) {
                    await("nothing is lost", () -> !other.shown("p1").fields().isEmpty());
                } finally {
                    again.destroyForcibly().waitFor();
                }
            } finally {
                edge.destroyForcibly().waitFor();
            }
        }
    }

    private Path settings(Clinic clinic, FailingDisk disk) {
        Path file = folder.resolve("edge.yaml");
        Clinic.write(
                file,
                """
                data: DISK/data
                http: {host: 127.0.0.1, port: 0}
                tls: {certificate: NODE/node.pem, key: NODE/node.key, authority: NODE/ca.pem}
                authorities: [NODE/grants.pub]
                grant: NODE/grant
                replica-key: NODE/replica.key
                """
                        .replace("DISK", disk.folder().toString())
                        .replace("NODE", clinic.node.toString()));
        return file;
    }

    private static Process start(Path settings, Path log) throws Exception {
        return new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        Objects.requireNonNull(System.getProperty("java.class.path")),
                        EdgeMain.class.getName(),
                        settings.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private static URI address(Path log, Process edge) throws Exception {
        String said = "\nedge at ";
        await("it listens", () -> text(log).contains(said) || !edge.isAlive());
        String text = text(log);
        assertThat(text).contains(said);
        String rest = text.substring(text.indexOf(said) + said.length());
        return URI.create(rest.lines().findFirst().orElseThrow());
    }

    private static String text(Path log) {
        try {
            return "\n" + Files.readString(log);
        } catch (java.io.IOException e) {
            return "";
        }
    }
}
