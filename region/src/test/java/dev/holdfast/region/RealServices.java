package dev.holdfast.region;

import dev.holdfast.region.database.EmbeddedDatabase;
import dev.holdfast.region.database.EmbeddedSettings;
import dev.holdfast.region.log.BrokerProcess;
import dev.holdfast.region.log.BrokerSettings;
import dev.holdfast.region.log.LogSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The real RocketMQ and the real PostgreSQL, one of each for the whole run: a test that wants one
 * names {@link BrokerProcess} or {@link EmbeddedDatabase} as a parameter. Started when first asked
 * for, stopped at the end of the run. A test leaves them as it found them, and uses scopes, groups
 * and tables of its own.
 */
public final class RealServices implements ParameterResolver {
    /**
     * Topics of the shared broker; tests that count everything in a topic need one of their own.
     */
    public static final Map<String, Integer> TOPICS =
            Map.ofEntries(
                    Map.entry(LogSettings.BATCHES, 4),
                    Map.entry("round", 4),
                    Map.entry("large", 2),
                    Map.entry("killed", 4),
                    Map.entry("ordered", 4),
                    Map.entry("rewound", 1),
                    Map.entry("mirror-a", 2),
                    Map.entry("mirror-b", 2),
                    Map.entry("mirror-c", 2),
                    Map.entry("compared-left", 2),
                    Map.entry("compared-right", 2));

    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(RealServices.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == BrokerProcess.class || type == EmbeddedDatabase.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return context.getRoot()
                .getStore(NAMESPACE)
                .computeIfAbsent(type, wanted -> start(wanted, freshFolder(wanted)));
    }

    private static Object start(Class<?> type, Path folder) {
        long started = System.nanoTime();
        Object service =
                type == BrokerProcess.class
                        ? BrokerProcess.start(brokerSettings(folder), words -> {})
                        : EmbeddedDatabase.start(databaseSettings(folder), words -> {});
        long millis = (System.nanoTime() - started) / 1_000_000;
        System.out.printf("%s started in %d ms%n", type.getSimpleName(), millis);
        return service;
    }

    /** For a broker of a test's own, on ports that are free now. */
    public static BrokerSettings brokerSettings(Path folder) {
        BrokerSettings defaults = BrokerSettings.of(folder, 4);
        int ports = freePorts();
        return new BrokerSettings(
                folder,
                defaults.libFolder(),
                ports,
                ports + 3,
                defaults.heapMebibytes(),
                TOPICS,
                Duration.ofHours(24),
                Duration.ofSeconds(60));
    }

    /** For a database of a test's own; the unpacked programs are shared by all. */
    public static EmbeddedSettings databaseSettings(Path folder) {
        return EmbeddedSettings.of(folder)
                .withPort(0)
                .withBinaries(target().resolve("postgres-programs"));
    }

    /** Not below the system's temporary folder, which may be a small one in memory. */
    public static Path freshFolder(Class<?> owner) {
        try {
            Path parent = Files.createDirectories(target().resolve("services"));
            deleteOld(parent);
            return Files.createTempDirectory(parent, owner.getSimpleName());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of earlier runs; a run beside this one keeps its own. */
    private static void deleteOld(Path parent) throws IOException {
        Instant old = Instant.now().minus(Duration.ofHours(1));
        try (Stream<Path> folders = Files.list(parent)) {
            for (Path folder : folders.toList())
                if (Files.getLastModifiedTime(folder).toInstant().isBefore(old)) delete(folder);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList())
                Files.deleteIfExists(file);
        }
    }

    private static Path target() {
        return Path.of("target").toAbsolutePath();
    }

    /** The first of a row of four; below the ports that the system gives to clients. */
    private static int freePorts() {
        for (int attempt = 0; attempt < 100; attempt++) {
            int first = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            if (free(first) && free(first + 1) && free(first + 3)) return first;
        }
        throw new IllegalStateException("no free ports");
    }

    /** One that nobody listens at now. */
    static int freePort() {
        return freePorts();
    }

    private static boolean free(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort() == port;
        } catch (IOException e) {
            return false;
        }
    }
}
