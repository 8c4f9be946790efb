package dev.holdfast.region.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.region.KilledParent;
import dev.holdfast.region.RealServices;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Against real child processes, killed for real. */
final class BrokerProcessTest {
    @Test
    void a_child_ends_with_its_killed_parent_and_the_next_one_waits_for_its_store()
            throws Exception {
        Path folder = RealServices.freshFolder(BrokerProcessTest.class);
        BrokerSettings settings = RealServices.brokerSettings(folder);
        ProcessHandle orphan =
                KilledParent.orphanOf(
                        AbandonedBroker.class,
                        folder.toString(),
                        Integer.toString(settings.namesrvPort()),
                        Integer.toString(settings.brokerPort()));
        assertThat(orphan.isAlive()).isTrue();

        BrokerProcess next = BrokerProcess.start(settings, words -> {});
        // It gives the lock back first, and may still be on its way out.
        assertThat(orphan.onExit()).succeedsWithin(Duration.ofSeconds(30));
        long last = next.pid();
        next.close();
        assertThat(ProcessHandle.of(last).filter(ProcessHandle::isAlive)).isEmpty();
    }

    @Test
    void a_broker_that_cannot_start_says_why_and_leaves_no_process() throws IOException {
        BrokerSettings settings =
                RealServices.brokerSettings(RealServices.freshFolder(BrokerProcessTest.class));
        try (ServerSocket taken =
                new ServerSocket(settings.namesrvPort(), 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> BrokerProcess.start(settings, words -> {}))
                    .isInstanceOf(LogException.class)
                    .hasMessageContaining("status 1")
                    .hasMessageContaining("port " + taken.getLocalPort() + " is in use");
        }
        assertThat(ProcessHandle.current().children())
                .noneMatch(child ->
                        child.info()
                                .commandLine()
                                .orElse("")
                                .contains(settings.folder().toString()));
    }

    /** Starts a broker, says so and waits to be killed. */
    static final class AbandonedBroker {
        private AbandonedBroker() {}

        public static void main(String[] args) throws Exception {
            BrokerProcess broker =
                    BrokerProcess.start(
                            BrokerSettings.of(Path.of(args[0]), 4)
                                    .withPorts(
                                            Integer.parseInt(args[1]), Integer.parseInt(args[2])),
                            words -> {});
            System.out.println("STARTED " + broker.pid());
            TimeUnit.MINUTES.sleep(5);
        }
    }
}
