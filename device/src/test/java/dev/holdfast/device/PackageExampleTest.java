package dev.holdfast.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.store.link.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of the package's documentation, run. */
final class PackageExampleTest {
    @TempDir Path folder;

    @Test
    void the_example_of_the_package_runs() throws Exception {
        byte[] caPem = TestServer.caPem();
        Bytes authority = Devices.AUTHORITY.publicKey();
        List<String> log = new ArrayList<>();
        // begin
        record Patient(String name, long visits, Set<String> allergies) {}

        DeviceSettings settings =
                DeviceSettings.in(folder)
                        .withSchema(
                                "{\"patients\": {\"indexes\": [\"name\"], \"fields\": {"
                                        + "\"visits\": {\"kind\": \"counter\"},"
                                        + "\"allergies\": {\"kind\": \"set\"}}}}")
                        .withEndpoints("https://edge.clinic.example:8443")
                        .withCa(caPem)
                        .withAuthorities(authority);
        try (Device device = Device.open(settings)) {
            Scope clinic = device.scope("clinic-7");
            Write saved = clinic.put("patients", "amina", Map.of("name", "Amina"));
            clinic.increment("patients", "amina", "visits", 1);
            TypedCollection<Patient> patients = clinic.collection("patients", Patient.class);
            List<Patient> found = patients.list(patients.query().atLeast("name", "A").limit(10));
            if (!saved.reached(Durability.EDGE, Duration.ofMillis(50))) {
                log.add("saved here; not sent yet: " + device.status().unsyncedOperations());
            }
            // end
            assertThat(found).containsExactly(new Patient("Amina", 1, Set.of()));
        }
        assertThat(log).containsExactly("saved here; not sent yet: 2");
    }

    @Test
    void it_is_the_one_in_the_documentation() throws Exception {
        String page = read("src/main/java/dev/holdfast/device/package-info.java");
        String shown = page.substring(page.indexOf("{@code\n") + 6, page.indexOf("}</pre>"));
        String run = read("src/test/java/dev/holdfast/device/PackageExampleTest.java");
        run = run.substring(run.indexOf("// begin") + 8, run.indexOf("// end"));
        assertThat(bare(shown)).startsWith(bare(run));
    }

    private static String read(String file) throws Exception {
        return Files.readString(Path.of(file));
    }

    private static String bare(String code) {
        return code.replace("\n *", "").replaceAll("\\s", "");
    }
}
