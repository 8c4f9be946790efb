package dev.holdfast.region.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.keys.FailingDisk;
import dev.holdfast.region.RealServices;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** On a disk whose flush really fails. */
final class FailedFlushTest {
    private final Random random = new Random(11);

    @Test
    void a_broker_whose_flush_fails_ends_and_flushes_no_second_time() throws Exception {
        Path folder = RealServices.freshFolder(FailedFlushTest.class);
        try (FailingDisk disk = FailingDisk.make(folder)) {
            BrokerSettings settings = RealServices.brokerSettings(disk.folder().resolve("broker"));
            try (BrokerProcess broker = BrokerProcess.start(settings, words -> {});
                    RocketLog log = RocketLog.open(LogSettings.of(broker.address()))) {
                assertThat(log.append(List.of(record(100))))
                        .isInstanceOf(AppendResult.Stored.class);
                ProcessHandle child = ProcessHandle.of(broker.pid()).orElseThrow();
                disk.fail();
                // Linux may keep the first failure to itself, where a page was half full.
                int stored = 0;
                while (log.append(List.of(record(500_000))) instanceof AppendResult.Stored)
                    assertThat(++stored).isLessThan(5);
                child.onExit().join();
                assertThat(Files.readString(settings.folder().resolve("broker.log")))
                        .contains("a flush has failed, so this process ends");
                assertThat(broker.running()).isFalse();
            }
        }
    }

    private LogRecord record(int bytes) {
        byte[] body = new byte[bytes];
        random.nextBytes(body);
        return new LogRecord("clinic-1", body, Map.of());
    }
}
