package dev.holdfast.keys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/**
 * A {@link ReplicaKey} kept in a file of its own: PKCS#8 in PEM, readable by its owner only,
 * written whole and flushed before anything is signed with it.
 */
public final class KeyFile {
    private static final int MAX_BYTES = 4096;

    /**
     * A group may read (mounted secrets are such files), nobody else, and only the owner writes.
     */
    private static final Set<PosixFilePermission> TOO_OPEN =
            Set.of(
                    PosixFilePermission.GROUP_WRITE,
                    PosixFilePermission.OTHERS_READ,
                    PosixFilePermission.OTHERS_WRITE);

    private final Path path;

    public KeyFile(Path path) {
        this.path = path;
    }

    public Path path() {
        return path;
    }

    public boolean exists() {
        return Files.exists(path);
    }

    /**
     * The key in the file.
     *
     * @throws KeysException when it is missing, open to others, or not such a key
     */
    public ReplicaKey load() {
        if (!exists()) throw new KeysException("There is no key file " + path);
        byte[] pem = read();
        try {
            return ReplicaKey.ofSeed(KeyEncoding.seed(pem));
        } catch (KeysException e) {
            throw new KeysException(
                    "The key file " + path + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** The key in the file, made and kept there first when there is none. */
    public ReplicaKey loadOrCreate(Entropy entropy) {
        if (exists()) return load();
        ReplicaKey key = ReplicaKey.create(entropy);
        store(key);
        return key;
    }

    /** Keeps {@code key} in the file, in place of the one that was there. */
    public void store(ReplicaKey key) {
        DurableFile.write(path, KeyEncoding.pem(key.seed()), DurableFile.Readers.OWNER);
    }

    private byte[] read() {
        try {
            refuseOpen();
            if (Files.size(path) > MAX_BYTES) {
                throw new KeysException("The key file " + path + " is too long for one key");
            }
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw new KeysException(
                    "Cannot read the key file " + path + ": " + DurableFile.reason(e), e);
        }
    }

    private void refuseOpen() throws IOException {
        if (!DurableFile.posix(path)) return;
        Set<PosixFilePermission> granted = Files.getPosixFilePermissions(path);
        if (granted.stream().anyMatch(TOO_OPEN::contains)) {
            throw new KeysException(
                    "The key file "
                            + path
                            + " is open to others. Make it its owner's alone: chmod 600 "
                            + path);
        }
    }
}
