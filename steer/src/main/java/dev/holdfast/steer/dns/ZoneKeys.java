package dev.holdfast.steer.dns;

import dev.holdfast.keys.DurableFile;
import dev.holdfast.keys.KeysException;
import dev.holdfast.steer.zone.DnsName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of signed zones: files in one folder, which a zone's nodes share by copying it. {@code
 * ZONE.pem} signs, and {@code ZONE.*.pem} are only published, for the time in which one key takes
 * the place of another: {@code next} before it signs, {@code old} after.
 *
 * <p>A node reads them once, when it starts. What changes the folder here is durable when it
 * returns, and leaves a key that signs at every moment.
 */
public final class ZoneKeys {
    private static final Logger LOG = LoggerFactory.getLogger(ZoneKeys.class);

    private static final String NEXT = "next";
    private static final String OLD = "old";

    /**
     * A key, for people.
     *
     * @param signs whether it signs, or is only published
     * @param ds what the zone above must be given for it: a DS record in text form
     */
    public record Shown(Path file, boolean signs, int tag, String ds) {}

    private final Path folder;

    public ZoneKeys(Path folder) {
        this.folder = folder;
    }

    /** The key that signs, made where there is none, and then the others. */
    List<ZoneKey> loadOrMake(DnsName zone) {
        Path active = active(zone);
        if (!Files.exists(active)) {
            ZoneKey made = ZoneKey.make(active);
            LOG.info(
                    "{} has a new key in {}; copy it to the zone's other nodes before the zone"
                            + " above is given: {}",
                    zone,
                    active,
                    made.dsText(zone));
        }
        return files(zone).stream().map(ZoneKey::load).toList();
    }

    /**
     * The keys of {@code zone}, the one that signs first; none where no node has begun to sign.
     *
     * @throws KeysException when one cannot be read
     */
    public List<Shown> shown(DnsName zone) {
        Path active = active(zone);
        return files(zone).stream()
                .map(file -> {
                    ZoneKey key = ZoneKey.load(file);
                    return new Shown(file, file.equals(active), key.tag(), key.dsText(zone));
                })
                .toList();
    }

    /**
     * Makes the key that is to take the place of the one that signs.
     *
     * @throws KeysException when there is one already, or none that signs
     */
    public void makeNext(DnsName zone) {
        requireActive(zone);
        Path next = published(zone, NEXT);
        if (Files.exists(next)) throw new KeysException("There is a next key already: " + next);
        ZoneKey.make(next);
    }

    /**
     * Has the next key sign from the node's next start on; the one that signed is published beside
     * it.
     *
     * @throws KeysException when there is no next key, or one from before is published still
     */
    public void turn(DnsName zone) {
        Path active = requireActive(zone);
        Path next = published(zone, NEXT);
        Path old = published(zone, OLD);
        if (!Files.exists(next)) throw new KeysException("There is no next key: " + next);
        ZoneKey.load(next); // a zone without a good key would have no answers
        try {
            // The same key in both is a turn that was cut short.
            if (Files.exists(old) && Files.mismatch(old, active) >= 0)
                throw new KeysException("A key is still being replaced: " + old);
            byte[] key = Files.readAllBytes(active);
            DurableFile.write(old, key, DurableFile.Readers.OWNER);
            Files.move(
                    next,
                    active,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            DurableFile.flush(folder);
        } catch (IOException e) {
            throw new KeysException("The keys in " + folder + " cannot be turned", e);
        }
    }

    /**
     * Deletes the key that signed before the newest did.
     *
     * @throws KeysException when there is none
     */
    public void dropOld(DnsName zone) {
        requireActive(zone);
        Path old = published(zone, OLD);
        try {
            if (!Files.deleteIfExists(old))
                throw new KeysException("There is no key that signed before: " + old);
            DurableFile.flush(folder);
        } catch (IOException e) {
            throw new KeysException("The key " + old + " cannot be deleted", e);
        }
    }

    private Path requireActive(DnsName zone) {
        Path active = active(zone);
        if (!Files.exists(active))
            throw new KeysException(
                    "No key signs for "
                            + zone
                            + " yet: there is no "
                            + active
                            + ", which a node makes when it starts with the signed zone");
        return active;
    }

    private List<Path> files(DnsName zone) {
        List<Path> all = new ArrayList<>();
        if (Files.exists(active(zone))) all.add(active(zone));
        if (!Files.isDirectory(folder)) return all;
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(file -> isPublished(file, name(zone))).sorted().forEach(all::add);
            return all;
        } catch (IOException e) {
            throw new KeysException("The folder of zones' keys " + folder + " cannot be read", e);
        }
    }

    private static boolean isPublished(Path file, String zone) {
        String name = String.valueOf(file.getFileName());
        if (!name.startsWith(zone + ".") || !name.endsWith(".pem")) return false;
        int from = zone.length() + 1;
        int to = name.length() - ".pem".length();
        return to > from && name.substring(from, to).indexOf('.') < 0;
    }

    private Path active(DnsName zone) {
        return folder.resolve(name(zone) + ".pem");
    }

    private Path published(DnsName zone, String as) {
        return folder.resolve(name(zone) + "." + as + ".pem");
    }

    private static String name(DnsName zone) {
        return zone.isRoot() ? "root" : zone.toString();
    }
}
