package dev.holdfast.cli.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.cli.Ran;
import dev.holdfast.core.Value;
import dev.holdfast.core.codec.Json;
import dev.holdfast.edge.EdgeMain;
import dev.holdfast.edge.EdgeNode;
import dev.holdfast.edge.EdgeSettings;
import dev.holdfast.keys.KeyFile;
import dev.holdfast.node.http.HttpSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DeviceCommandTest {
    private static final String NOWHERE = "https://localhost:1";

    @TempDir Path folder;

    @BeforeEach
    void make_a_deployment() {
        assertThat(Ran.holdfast("keys", "init", keys()).code()).isZero();
    }

    @Test
    void a_device_is_made_granted_and_enrolled_by_three_commands() {
        Ran made = Ran.holdfast("device", "init", "--store", folder.resolve("a"));
        assertThat(made.code()).isZero();
        assertThat(made.out()).contains(publicKey("a"), "Next: holdfast grant issue");
        enrol("a", NOWHERE);
        Ran status = device("a", "status", "--offline");
        assertThat(status.code()).isZero();
        assertThat(status.out()).contains("nurse-a", "clinic-7", "nothing that is only on this");
    }

    @Test
    void what_is_put_is_there_and_says_how_far_it_is() {
        enrol("a", NOWHERE);
        Ran put = device("a", "put", "patients", "p1", "name=Zoë", "address.city=Kisumu", "age=3");
        assertThat(put.code()).isZero();
        assertThat(put.out()).contains("patients/p1  ●○○○○ Saved on this device", "sync");

        Ran get = offline("a", "get", "patients", "p1");
        assertThat(get.out()).contains("Zoë", "address.city  Kisumu", "Saved on this device");
        Ran json = offline("a", "get", "patients", "p1", "--json");
        Value.Map line = (Value.Map) Json.parse(json.out());
        assertThat(line.fields())
                .containsEntry("id", Value.of("p1"))
                .containsEntry("pending", Value.of("device"));
    }

    @Test
    void documents_are_changed_listed_and_deleted() {
        enrol("a", NOWHERE);
        offline("a", "put", "patients", "p1", "name=Chen", "ward=A");
        offline("a", "put", "patients", "p2", "--fields", "{\"name\":\"Bo\",\"ward\":\"B\"}");
        offline("a", "patch", "patients", "p2", "ward=A", "note=x");
        offline("a", "increment", "patients", "p1", "visits", "2");
        offline("a", "add", "patients", "p1", "allergies", "nuts");
        offline("a", "add", "patients", "p1", "allergies", "dust");
        offline("a", "remove", "patients", "p1", "allergies", "nuts");

        Ran list = offline("a", "list", "patients", "--where", "ward=A", "--order", "name");
        assertThat(list.out().lines().toList().getFirst()).startsWith("ID  NAME");
        assertThat(list.out().indexOf("Bo")).isLessThan(list.out().indexOf("Chen"));
        assertThat(list.out()).contains("[\"dust\"]", "2");
        assertThat(offline("a", "list", "patients", "--limit", "1").out()).contains("more");

        offline("a", "delete", "patients", "p1");
        Ran gone = offline("a", "get", "patients", "p1");
        assertThat(gone.code()).isEqualTo(1);
        assertThat(gone.err().lines()).hasSize(3);
    }

    @Test
    void what_the_grant_does_not_allow_is_refused_before_it_is_written() {
        enrol("a", NOWHERE);
        Ran collection = offline("a", "put", "staff", "s1", "name=x");
        assertThat(collection.code()).isEqualTo(1);
        assertThat(collection.err()).contains("may not write staff in clinic-7", "patients+vitals");
        Ran scope = offline("a", "--scope", "clinic-8", "put", "patients", "p1", "name=x");
        assertThat(scope.code()).isEqualTo(1);
        assertThat(scope.err()).contains("nothing to do with the scope clinic-8", "clinic-7");
    }

    @Test
    void a_device_that_is_not_enrolled_says_which_one_is() {
        enrol("a", NOWHERE);
        Ran ran = offline("b", "list", "patients");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("not enrolled", "--store " + folder.resolve("a"));
    }

    @Test
    void a_grant_for_another_key_is_refused() {
        Ran.holdfast("device", "init", "--store", folder.resolve("a"));
        Path grant = grant("a");
        Ran ran =
                Ran.holdfast(
                        "device",
                        "init",
                        "--store",
                        folder.resolve("b"),
                        "--grant",
                        grant,
                        "--trust",
                        keys(),
                        "--endpoint",
                        NOWHERE);
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.err()).contains("another key", "holdfast grant issue --key");
    }

    @Test
    void a_sync_that_reaches_nobody_says_what_waits_and_fails() {
        enrol("a", NOWHERE);
        offline("a", "put", "patients", "p1", "name=x");
        Ran ran = device("a", "sync", "--timeout", "300ms");
        assertThat(ran.code()).isEqualTo(1);
        assertThat(ran.out()).contains("Nobody was reached in 300 ms", "1 record not yet sent");
    }

    @Test
    void two_devices_share_an_edge_and_settle_a_conflict() throws Exception {
        try (EdgeNode edge = edge()) {
            String address = "https://localhost:" + edge.address().getPort();
            enrol("a", address);
            enrol("b", address);
            // Without a region it gets no further, so the wait would not end before its time.
            Ran put = online("a", "put", "patients", "p1", "name=Amina", "--wait", "edge");
            assertThat(put.code()).isZero();
            assertThat(put.out()).contains("●●○○○ Safe at the local station");
            assertThat(online("b", "get", "patients", "p1").out()).contains("Amina");

            offline("a", "patch", "patients", "p1", "ward=A");
            offline("b", "patch", "patients", "p1", "ward=B");
            assertThat(online("a", "sync").out()).contains("Everything is as far as this");
            assertThat(online("b", "sync").out()).contains("Everything is as far as this");
            Ran conflicts = online("b", "conflicts", "patients");
            assertThat(conflicts.out()).contains("ward", "A", "B", "resolve patients ID");
            online("b", "resolve", "patients", "p1", "ward", "C", "--wait", "edge");
            assertThat(online("a", "conflicts", "patients").out()).contains("No conflicts");
            assertThat(online("a", "get", "patients", "p1").out()).contains("ward  C");
        }
    }

    @Test
    void a_file_carries_writes_to_a_device_that_brings_them_to_the_edge() throws Exception {
        Path file = folder.resolve("a.holdfast");
        try (EdgeNode edge = edge()) {
            enrol("a", NOWHERE);
            for (String name : List.of("b", "c"))
                enrol(name, "https://localhost:" + edge.address().getPort());
            offline("a", "put", "patients", "p1", "name=Amina", "age=31");
            Ran export = offline("a", "export", file);
            assertThat(export.out()).contains(file + ", ", " bytes", "device import " + file);
            assertThat(offline("b", "import", file).out()).contains("1 change is new here.");
            assertThat(offline("b", "import", file).out()).contains("All of it was here already");
            assertThat(online("b", "sync").code()).isZero();
            assertThat(online("c", "get", "patients", "p1").out()).contains("Amina");
        }
    }

    @Test
    void a_file_that_is_there_or_is_none_is_told() throws IOException {
        enrol("a", NOWHERE);
        Path file = Files.writeString(folder.resolve("a.holdfast"), "rubbish");
        Ran export = offline("a", "export", file);
        assertThat(export.code()).isEqualTo(1);
        assertThat(export.err()).contains("is there already", "--overwrite");
        Ran rubbish = offline("a", "import", file);
        assertThat(rubbish.code()).isEqualTo(1);
        assertThat(rubbish.err()).contains("this is no bundle", "export it anew");
        Ran missing = offline("a", "import", folder.resolve("none"));
        assertThat(missing.code()).isEqualTo(1);
        assertThat(missing.err().lines()).hasSize(3);
        assertThat(offline("a", "export", file, "--overwrite").code()).isZero();
        assertThat(offline("a", "import", file).out()).contains("here already");
    }

    @Test
    void a_watch_shows_what_is_there_and_ends_in_time() {
        enrol("a", NOWHERE);
        offline("a", "put", "patients", "p1", "name=x");
        Ran ran = offline("a", "watch", "patients", "--json", "--for", "1s");
        assertThat(ran.code()).isZero();
        assertThat(ran.out().lines()).hasSize(1);
        assertThat(ran.out()).contains("\"id\":\"p1\"");
    }

    private EdgeNode edge() throws IOException, InterruptedException {
        Ran.holdfast(
                "keys", "node", "edge-1", "--role", "edge", "--san", "localhost", "--keys", keys());
        return EdgeMain.start(
                EdgeSettings.of(
                        folder.resolve("edge"),
                        keys().resolve("nodes/edge-1"),
                        HttpSettings.at("127.0.0.1", 0),
                        List.of()));
    }

    private void enrol(String name, String endpoint) {
        Ran.holdfast("device", "init", "--store", folder.resolve(name));
        Ran ran =
                Ran.holdfast(
                        "device",
                        "init",
                        "--store",
                        folder.resolve(name),
                        "--grant",
                        grant(name),
                        "--trust",
                        keys(),
                        "--endpoint",
                        endpoint);
        assertThat(ran.err()).isEmpty();
        assertThat(ran.code()).isZero();
    }

    private Path grant(String name) {
        Path file = folder.resolve(name + ".grant");
        Ran ran =
                Ran.holdfast(
                        "grant",
                        "issue",
                        "--key",
                        publicKey(name),
                        "--subject",
                        "nurse-" + name,
                        "--scope",
                        "clinic-7:read,write=patients+vitals",
                        "--out",
                        file,
                        "--keys",
                        keys());
        assertThat(ran.code()).isZero();
        return file;
    }

    private String publicKey(String name) {
        Path file = folder.resolve(name).resolve("store/replica.key");
        return new KeyFile(file).load().publicKey().hex();
    }

    private Path keys() {
        return folder.resolve("keys");
    }

    private Ran offline(String name, Object... more) {
        return device(name, with(more, "--offline"));
    }

    private Ran online(String name, Object... more) {
        return device(name, with(more, "--timeout", Duration.ofSeconds(20).toSeconds() + "s"));
    }

    private Ran device(String name, Object... more) {
        List<Object> words = new ArrayList<>(List.of("device", "--store", folder.resolve(name)));
        words.addAll(List.of(more));
        return Ran.holdfast(words);
    }

    private static Object[] with(Object[] words, Object... more) {
        List<Object> all = new ArrayList<>(List.of(words));
        all.addAll(List.of(more));
        return all.toArray(Object[]::new);
    }
}
