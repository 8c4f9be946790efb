package dev.holdfast.steer.control;

import dev.holdfast.core.codec.Json;
import dev.holdfast.keys.DurableFile;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every change, one line of JSON each, flushed as it is written; only ever appended to. A file that
 * has grown to {@link #FILE_BYTES} is set aside, and of those the newest few are kept, so that the
 * trail has a bound. Thread-safe.
 *
 * <p>A line that cannot be written is lost, and that is told to whoever asks whether the node is
 * well: answers must not stop for a full disk.
 */
public final class AuditTrail {
    private static final Logger LOG = LoggerFactory.getLogger(AuditTrail.class);
    private static final long FILE_BYTES = 4 << 20;
    private static final int FILES = 4;

    private final Path folder;
    private final long fileBytes;
    private Optional<String> failure = Optional.empty();

    public AuditTrail(Path folder) {
        this(folder, FILE_BYTES);
    }

    AuditTrail(Path folder, long fileBytes) {
        this.folder = folder;
        this.fileBytes = fileBytes;
    }

    /** Keeps it; durable when this returns, unless {@link #failure} says otherwise. */
    public synchronized void add(AuditEntry entry) {
        byte[] line = (Json.print(entry.json()) + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            Path file = file(0);
            boolean begun = Files.exists(file);
            if (begun && Files.size(file) + line.length > fileBytes) {
                turn();
                begun = false;
            }
            boolean torn = begun && !endsLine(file);
            // Not a channel, which an interrupt would close half way.
            try (FileOutputStream out = new FileOutputStream(file.toFile(), true)) {
                if (torn) out.write('\n');
                out.write(line);
                out.getFD().sync();
            }
            if (!begun) DurableFile.flush(folder);
            failure = Optional.empty();
        } catch (IOException e) {
            LOG.warn("the audit trail in {} cannot be written: {}", folder, e.toString());
            failure = Optional.of("cannot be written since " + entry.at() + ": " + e);
        }
    }

    /** Not where the disk was full, or the power went, in the middle of a line. */
    private static boolean endsLine(Path file) throws IOException {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            if (in.length() == 0) return true;
            in.seek(in.length() - 1);
            return in.read() == '\n';
        }
    }

    private void turn() throws IOException {
        for (int i = FILES - 1; i > 0; i--) {
            if (Files.exists(file(i - 1)))
                Files.move(file(i - 1), file(i), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /**
     * The newest lines, as they were written, the oldest first.
     *
     * @throws IOException when they cannot be read
     */
    public synchronized List<String> newest(int count) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < FILES && lines.size() < count; i++) {
            if (!Files.exists(file(i))) continue;
            // Not half a line.
            List<String> whole =
                    Files.readAllLines(file(i)).stream()
                            .filter(line -> line.endsWith("}"))
                            .toList();
            lines.addAll(0, whole);
        }
        return List.copyOf(lines.subList(Math.max(0, lines.size() - count), lines.size()));
    }

    /** Why the newest line could not be written; empty where it could. */
    public synchronized Optional<String> failure() {
        return failure;
    }

    private Path file(int age) {
        return folder.resolve(age == 0 ? "audit.jsonl" : "audit." + age + ".jsonl");
    }
}
