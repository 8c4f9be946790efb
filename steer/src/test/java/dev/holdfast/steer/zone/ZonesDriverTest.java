package dev.holdfast.steer.zone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ZonesDriverTest {
    private static final Instant START = Instant.ofEpochSecond(1_800_000_000);

    @TempDir Path folder;
    private Path file = Path.of("");
    private @Nullable ZonesDriver opened;
    private final BlockingQueue<ZonesDriver.Change> changes = new ArrayBlockingQueue<>(16);

    @BeforeEach
    void write_a_file() throws IOException {
        file = folder.resolve("zones.yaml");
        replace(yaml("192.0.2.1"), START);
        ZonesDriver driver = ZonesDriver.open(file, Duration.ofMillis(10));
        driver.onChange(changes::add);
        opened = driver;
    }

    @AfterEach
    void close() {
        driver().close();
    }

    @Test
    void a_changed_file_is_taken_whole() throws Exception {
        Zones before = driver().get();
        replace(yaml("192.0.2.2"), START.plusSeconds(60));
        assertThat(change()).isInstanceOf(ZonesDriver.Change.Taken.class);
        assertThat(driver().get()).isNotSameAs(before);
        assertThat(serial()).isEqualTo(1_800_000_060L);
    }

    @Test
    void a_wrong_file_is_refused_and_the_one_before_goes_on() throws Exception {
        Zones before = driver().get();
        replace(yaml("192.0.2"), START.plusSeconds(60));
        assertThat(change()).isInstanceOf(ZonesDriver.Change.Refused.class);
        assertThat(driver().get()).isSameAs(before);
        assertThat(driver().trouble().orElseThrow()).contains("zones.yaml:6: ");
        replace(yaml("192.0.2.3"), START.plusSeconds(61));
        assertThat(change()).isInstanceOf(ZonesDriver.Change.Taken.class);
        assertThat(driver().trouble()).isEmpty();
    }

    @Test
    void the_serial_grows_though_the_files_time_does_not() throws Exception {
        replace(yaml("192.0.2.2"), START.minusSeconds(3600));
        assertThat(change()).isInstanceOf(ZonesDriver.Change.Taken.class);
        assertThat(serial()).isEqualTo(START.getEpochSecond() + 1);
    }

    @Test
    void a_file_that_only_looks_new_changes_nothing() throws Exception {
        Zones before = driver().get();
        replace(yaml("192.0.2.1"), START.plusSeconds(60));
        replace(yaml("192.0.2.9"), START.plusSeconds(70));
        change();
        assertThat(changes).isEmpty();
        assertThat(driver().get()).isNotSameAs(before);
    }

    @Test
    void a_file_that_is_gone_changes_nothing() throws Exception {
        Zones before = driver().get();
        Files.delete(file);
        replace(yaml("192.0.2.1"), START);
        replace(yaml("192.0.2.5"), START.plusSeconds(5));
        assertThat(change()).isInstanceOf(ZonesDriver.Change.Taken.class);
        assertThat(driver().get()).isNotSameAs(before);
    }

    private ZonesDriver driver() {
        if (opened == null) throw new IllegalStateException("not opened");
        return opened;
    }

    private ZonesDriver.Change change() throws InterruptedException {
        ZonesDriver.Change change = changes.poll(20, TimeUnit.SECONDS);
        if (change == null) throw new AssertionError("no change was told");
        return change;
    }

    private long serial() {
        return driver().get().zones().values().iterator().next().serial();
    }

    private void replace(String yaml, Instant time) throws IOException {
        Path beside = Files.writeString(folder.resolve("new"), yaml);
        Files.setLastModifiedTime(beside, FileTime.from(time));
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static String yaml(String address) {
        return """
        zones:
          holdfast.example:
            soa: {primary: ns1, mailbox: hostmaster}
            records:
              "@": {ns: [ns1]}
              ns1: {a: [%s]}
        """
                .formatted(address);
    }
}
