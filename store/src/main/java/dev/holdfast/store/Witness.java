package dev.holdfast.store;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.keys.DurableFile;
import dev.holdfast.keys.KeysException;
import dev.holdfast.store.StoreException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The newest sealed number per scope, in a file outside the database: what a database that comes
 * back from a backup cannot know. Text: a line that names the replica, then a line per seal, {@code
 * scope seq hash check}; the last of a scope counts. Lines are appended and flushed, and a last
 * line without its check, or cut off, was never acted on. Thread-safe.
 */
final class Witness implements AutoCloseable {
    private static final String HEADER = "holdfast-witness-1 ";
    private static final long COMPACT_BYTES = 64 << 10;

    /** What was sealed last. */
    record Seal(long seq, Bytes hash) {}

    private final Path file;
    private final ReplicaId replica;
    private final Map<String, Seal> seals;
    private @Nullable FileChannel channel;

    /** Whether the file may end within a line, after which none can be appended. */
    private boolean torn;

    private Witness(Path file, ReplicaId replica, Map<String, Seal> seals, boolean torn) {
        this.file = file;
        this.replica = replica;
        this.seals = seals;
        this.torn = torn;
    }

    /** What the file says; null if there is none, or none that can be read. */
    static @Nullable Witness read(Path file) {
        String text;
        try {
            if (!Files.exists(file)) return null;
            text = Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new StoreException(Kind.IO, "Cannot read the witness " + file + ": " + e, e);
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
            return new Witness(file, replica, seals, !text.endsWith("\n"));
        } catch (MalformedException | NumberFormatException e) {
            return null;
        }
    }

    /** Writes a witness anew, whole. */
    static Witness start(Path file, ReplicaId replica, Map<String, Seal> seals) {
        Witness witness = new Witness(file, replica, new TreeMap<>(seals), false);
        witness.compact();
        return witness;
    }

    ReplicaId replica() {
        return replica;
    }

    synchronized Map<String, Seal> seals() {
        return Map.copyOf(seals);
    }

    /** Whether it says this and nothing else. */
    synchronized boolean says(ReplicaId author, Map<String, Seal> sealed) {
        return replica.equals(author) && seals.equals(sealed);
    }

    /** Returns once it is flushed. */
    synchronized void record(String scope, Seal seal) {
        seals.put(scope, seal);
        try {
            FileChannel open = channel;
            if (open == null) {
                open = FileChannel.open(file, StandardOpenOption.APPEND);
                channel = open;
            }
            if (torn || open.size() > COMPACT_BYTES) {
                compact();
                return;
            }
            torn = true;
            String line = line(scope, Long.toString(seal.seq()), seal.hash().hex()) + "\n";
            ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) open.write(bytes);
            open.force(false);
            torn = false;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public synchronized void close() {
        FileChannel open = channel;
        channel = null;
        if (open == null) return;
        try {
            open.close();
        } catch (IOException e) {
            throw new StoreException(Kind.IO, "Cannot close the witness " + file + ": " + e, e);
        }
    }

    private void compact() {
        StringBuilder text = new StringBuilder(HEADER).append(replica).append('\n');
        seals.forEach((scope, seal) ->
                text.append(line(scope, Long.toString(seal.seq()), seal.hash().hex()))
                        .append('\n'));
        close();
        try {
            DurableFile.write(
                    file,
                    text.toString().getBytes(StandardCharsets.US_ASCII),
                    DurableFile.Readers.OWNER);
            torn = false;
        } catch (KeysException e) {
            throw failed(e);
        }
    }

    private StoreException failed(Exception e) {
        // Java tells a full disk by its words only.
        boolean full = String.valueOf(e.getMessage()).contains("No space left");
        return new StoreException(
                full ? Kind.FULL : Kind.IO,
                "Cannot write the witness " + file + ": " + e.getMessage(),
                e);
    }

    /** With a check of its own: half a line must not pass for a shorter number. */
    private static String line(String scope, String seq, String hash) {
        String said = scope + " " + seq + " " + hash;
        Bytes check = Sha256.of(Bytes.wrap(said.getBytes(StandardCharsets.UTF_8))).slice(0, 4);
        return said + " " + check.hex();
    }
}
