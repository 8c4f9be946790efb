package dev.holdfast.broker;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.ref.Reference;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.apache.rocketmq.common.MQVersion;

/**
 * Runs RocketMQ for the process that started it.
 *
 * <p>The contract: {@link Arguments} in; on standard output exactly one line, {@code READY
 * flush=SYNC_FLUSH namesrv=HOST:PORT}, once every topic can be found by a client; everything else
 * on standard error. It stops on the end of standard input (which also comes when the parent is
 * killed) or on SIGTERM, and is gone {@value #STOP_MILLIS} ms later at the latest: a kill harms
 * nothing that was acknowledged, a child that lingers blocks the next start. Status 0 after a stop,
 * 1 when it could not start, 2 when the store was still in use by another process, 3 when stopping
 * took too long, 4 when the disk failed ({@link FailedFlush}).
 */
public final class BrokerMain {
    private static final int STOP_MILLIS = 6_000;
    private static final Duration STORE_WAIT = Duration.ofSeconds(20);

    private BrokerMain() {}

    /** Never returns: the process ends. */
    public static void main(String[] args) {
        // RocketMQ prints to standard output as well; that line is ours.
        PrintStream ready = System.out;
        System.setOut(System.err);
        // Without it the broker registers an empty list of topics, silently.
        System.setProperty(
                "rocketmq.remoting.version", Integer.toString(MQVersion.CURRENT_VERSION));
        System.setProperty("tls.server.mode", "disabled");
        try {
            run(Arguments.parse(List.of(args)), ready);
        } catch (StoreLock.HeldException e) {
            System.err.println(e.getMessage());
            Runtime.getRuntime().halt(2);
        } catch (Throwable e) {
            // RocketMQ's threads are not daemons: without halt a failed start would live on.
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }

    private static void run(Arguments arguments, PrintStream ready) throws Exception {
        Files.createDirectories(arguments.home());
        // Before anything reads the store: recovery truncates, and must never meet a living writer.
        FileChannel lock = StoreLock.acquire(arguments.home().resolve("holdfast.lock"), STORE_WAIT);
        try {
            RocketServer server = RocketServer.start(arguments);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server), "stop"));
            ready.printf(
                    "READY flush=%s namesrv=127.0.0.1:%d%n",
                    server.flush(), arguments.namesrvPort());
            ready.flush();
            awaitEndOfInput();
            System.exit(0);
        } finally {
            Reference.reachabilityFence(lock);
        }
    }

    private static void stop(RocketServer server) {
        haltAfter(STOP_MILLIS);
        server.stop();
        // The threads that are still about would only delay the end.
        Runtime.getRuntime().halt(0);
    }

    private static void awaitEndOfInput() {
        try {
            while (System.in.read() >= 0) {}
        } catch (IOException e) {
            // A broken pipe means the same as its end: nobody is there any more.
        }
    }

    private static void haltAfter(int millis) {
        Thread watchdog =
                new Thread(
                        () -> {
                            try {
                                Thread.sleep(millis);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            Runtime.getRuntime().halt(3);
                        },
                        "stop-watchdog");
        watchdog.setDaemon(true);
        watchdog.start();
    }
}
