package dev.holdfast.keys;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.operation.ReplicaId;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The newest sealed number per scope, in a file outside the database: what a database that comes
 * back from a backup cannot know. Text: a line that names the replica, then a line per seal, {@code
 * scope seq hash check}; the last of a scope counts. Lines are appended and flushed, and a last
 * line without its check, or cut off, was never acted on.
 *
 * <p>A stream and not a channel, which an interrupt of the calling thread would close. Thread-safe.
 * What fails throws a {@link KeysException}; the seal is then to be taken for not witnessed, and
 * the next one writes the file anew.
 */
public final class Witness implements AutoCloseable {
    private static final String HEADER = "holdfast-witness-1 ";
    private static final long COMPACT_BYTES = 64 << 10;

    /** Of as many bytes as it had when written whole, so that many scopes cost no more than few. */
    private static final int COMPACT_AT_TIMES = 2;

    /** What was sealed last. */
    public record Seal(long seq, Bytes hash) {}

    private final Path file;
    private final ReplicaId replica;
    private final Map<String, Seal> seals;
    private @Nullable FileOutputStream end;
    private long sizeBytes;

    /** Its size when it was last written whole. */
    private long wholeBytes;

    /** Whether the file may end within a line, after which none can be appended. */
    private boolean torn;

    private Witness(
            Path file, ReplicaId replica, Map<String, Seal> seals, long sizeBytes, boolean torn) {
        this.file = file;
        this.replica = replica;
        this.seals = seals;
        this.sizeBytes = sizeBytes;
        this.torn = torn;
    }

    /** What the file says; null if there is none, or none that can be read. */
    public static @Nullable Witness read(Path file) {
        String text;
        try {
            if (!Files.exists(file)) return null;
            text = Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new KeysException("Cannot read the witness " + file + ": " + e, e);
        }
        List<String> lines = text.lines().toList();
        if (lines.isEmpty() || !lines.get(0).startsWith(HEADER)) return null;
        try {
            ReplicaId replica = ReplicaId.parse(lines.get(0).substring(HEADER.length()));
            Map<String, Seal> seals = new TreeMap<>();
            for (String line : lines.subList(1, lines.size())) {
                String[] words = line.split(" ", -1);
                if (words.length != 4 || !line.equals(line(words[0], words[1], words[2]))) continue;
                seals.put(words[0], new Seal(Long.parseLong(words[1]), Bytes.fromHex(words[2])));
            }
            return new Witness(file, replica, seals, text.length(), !text.endsWith("\n"));
        } catch (MalformedException | NumberFormatException e) {
            return null;
        }
    }

    /** Writes a witness anew, whole. */
    public static Witness start(Path file, ReplicaId replica, Map<String, Seal> seals) {
        Witness witness = new Witness(file, replica, new TreeMap<>(seals), 0, false);
        witness.compact();
        return witness;
    }

    public ReplicaId replica() {
        return replica;
    }

    public synchronized Map<String, Seal> seals() {
        return Map.copyOf(seals);
    }

    /** Whether it says this and nothing else. */
    public synchronized boolean says(ReplicaId author, Map<String, Seal> sealed) {
        return replica.equals(author) && seals.equals(sealed);
    }

    /** Returns once it is flushed. */
    public synchronized void record(String scope, Seal seal) {
        seals.put(scope, seal);
        if (torn || sizeBytes > Math.max(COMPACT_BYTES, COMPACT_AT_TIMES * wholeBytes)) {
            compact();
            return;
        }
        byte[] line =
                (line(scope, Long.toString(seal.seq()), seal.hash().hex()) + "\n")
                        .getBytes(StandardCharsets.US_ASCII);
        torn = true;
        try {
            FileOutputStream open = end;
            if (open == null) {
                // Appending must not make a file: a witness without its first line says nothing.
                if (!Files.exists(file)) {
                    compact();
                    return;
                }
                open = new FileOutputStream(file.toFile(), true);
                end = open;
            }
            open.write(line);
            open.getFD().sync();
        } catch (IOException e) {
            throw failed(e);
        }
        sizeBytes += line.length;
        torn = false;
    }

    @Override
    public synchronized void close() {
        FileOutputStream open = end;
        end = null;
        if (open == null) return;
        try {
            open.close();
        } catch (IOException e) {
            throw new KeysException("Cannot close the witness " + file + ": " + e, e);
        }
    }

    private void compact() {
        StringBuilder text = new StringBuilder(HEADER).append(replica).append('\n');
        seals.forEach((scope, seal) ->
                text.append(line(scope, Long.toString(seal.seq()), seal.hash().hex()))
                        .append('\n'));
        close();
        byte[] whole = text.toString().getBytes(StandardCharsets.US_ASCII);
        DurableFile.write(file, whole, DurableFile.Readers.OWNER);
        sizeBytes = whole.length;
        wholeBytes = whole.length;
        torn = false;
    }

    private KeysException failed(IOException e) {
        return new KeysException(
                "Cannot write the witness " + file + ": " + DurableFile.reason(e), e);
    }

    /** With a check of its own: half a line must not pass for a shorter number. */
    private static String line(String scope, String seq, String hash) {
        String said = scope + " " + seq + " " + hash;
        Bytes check = Sha256.of(Bytes.wrap(said.getBytes(StandardCharsets.UTF_8))).slice(0, 4);
        return said + " " + check.hex();
    }
}
