package dev.holdfast.region.database;

import dev.holdfast.keys.DurableFile;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** PostgreSQL's programs, unpacked from zonky's archive on the class path. */
final class PostgresPrograms {
    private PostgresPrograms() {}

    /**
     * The folder that has {@code bin}, {@code lib} and {@code share}; named after the archive's
     * hash, so that a new version never meets an old one's files.
     */
    static Path unpack(Path folder, Consumer<String> progress) {
        String archive = "/postgres-" + platform() + ".txz";
        try {
            Path home = folder.resolve("postgres-" + hash(archive));
            if (Files.isDirectory(home)) return home;
            progress.accept("unpacking PostgreSQL");
            Files.createDirectories(folder);
            Path unfinished = Files.createTempDirectory(folder, "unpacking-");
            Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rwxr-xr-x"));
            unpack(archive, unfinished);
            // The name of the whole must not outlive a power cut that its contents do not.
            try (Stream<Path> all = Files.walk(unfinished)) {
                for (Path each : all.filter(path -> !Files.isSymbolicLink(path)).toList())
                    DurableFile.flush(each);
            }
            Path published = publish(unfinished, home);
            DurableFile.flush(folder);
            return published;
        } catch (IOException e) {
            throw new DatabaseException("unpacking " + archive + " to " + folder, e);
        }
    }

    private static Path publish(Path unfinished, Path home) throws IOException {
        try {
            return Files.move(unfinished, home, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            // Another process was faster; both have unpacked the same bytes.
            if (Files.isDirectory(home)) return home;
            throw e;
        }
    }

    private static void unpack(String archive, Path to) throws IOException {
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(
                        new XZInputStream(new BufferedInputStream(open(archive), 1 << 16)))) {
            TarArchiveEntry entry;
            while ((entry = tar.getNextEntry()) != null) {
                Path target = to.resolve(entry.getName()).normalize();
                if (!target.startsWith(to))
                    throw new IOException("entry outside of the archive: " + entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                    continue;
                }
                Files.createDirectories(target.resolveSibling("."));
                if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
                } else {
                    Files.copy(tar, target);
                    boolean program = (entry.getMode() & 0100) != 0;
                    Files.setPosixFilePermissions(
                            target,
                            PosixFilePermissions.fromString(program ? "rwxr-xr-x" : "rw-r--r--"));
                }
            }
        }
    }

    private static String hash(String archive) throws IOException {
        try (DigestInputStream in =
                new DigestInputStream(open(archive), MessageDigest.getInstance("SHA-256"))) {
            in.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static InputStream open(String archive) {
        InputStream in = PostgresPrograms.class.getResourceAsStream(archive);
        if (in == null)
            throw new DatabaseException(
                    "no PostgreSQL for this platform ("
                            + archive
                            + "); configure the JDBC URL of one");
        return in;
    }

    /** As zonky names its archives. */
    private static String platform() {
        String system = property("os.name");
        String machine = property("os.arch");
        boolean arm = machine.equals("aarch64") || machine.equals("arm64");
        return (system.startsWith("mac") ? "darwin" : system) + "-" + (arm ? "arm_64" : "x86_64");
    }

    private static String property(String name) {
        return Objects.requireNonNull(System.getProperty(name), name).toLowerCase(Locale.ROOT);
    }
}
