package dev.holdfast.steer.zone;

import dev.holdfast.node.settings.SettingsException;
import dev.holdfast.node.settings.SettingsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The zones file as it is now: looked at every second, and taken whole when it has changed and is
 * right. A wrong one is refused, and what was there before goes on.
 *
 * <p>A zone that says no serial of its own has the time of the file's last change for one, in
 * seconds, so that nodes agree whose file was copied with its times ({@code rsync -t}, {@code cp
 * -p}). Contents that differ and are not newer still count one up, since whoever compares serials
 * must see that they differ.
 */
public final class ZonesDriver implements Supplier<Zones>, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ZonesDriver.class);

    private final Path file;
    private final long lookMillis;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final List<Consumer<Change>> listeners = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile Zones zones;
    private volatile Optional<String> trouble = Optional.empty();

    // Of the thread alone, once it runs.
    private @Nullable Stamp seen;
    private String text;
    private long serial;

    /** What makes a file another one; its name apart. */
    private record Stamp(long modifiedMillis, long bytes, @Nullable Object key) {}

    /** What became of a file that changed. */
    public sealed interface Change {
        /** It holds from now on. */
        record Taken(Zones zones) implements Change {}

        /** It does not, for these mistakes. */
        record Refused(List<String> problems) implements Change {}
    }

    private ZonesDriver(Path file, Duration look) {
        this.file = file;
        this.lookMillis = look.toMillis();
        this.seen = stamp();
        this.text = SettingsFile.read(file);
        this.serial = seen == null ? 0 : seen.modifiedMillis() / 1000;
        this.zones = Zones.parse(text, file.toString(), serial);
        this.thread = Thread.ofPlatform().daemon().name("zones").unstarted(this::live);
    }

    /**
     * Reads {@code file}, and goes on to look at it every second.
     *
     * @throws SettingsException when it cannot be read, or names its mistakes with their lines
     */
    public static ZonesDriver open(Path file) {
        return open(file, Duration.ofSeconds(1));
    }

    static ZonesDriver open(Path file, Duration look) {
        ZonesDriver driver = new ZonesDriver(file, look);
        driver.thread.start();
        return driver;
    }

    @Override
    public Zones get() {
        return zones;
    }

    /** Why the file as it is now does not hold, if so. */
    public Optional<String> trouble() {
        return trouble;
    }

    /** Tells {@code listener} of each change, on a thread of this object; it must not wait. */
    public void onChange(Consumer<Change> listener) {
        listeners.add(listener);
    }

    private void live() {
        try {
            while (!closing.await(lookMillis, TimeUnit.MILLISECONDS)) {
                try {
                    look();
                } catch (RuntimeException e) {
                    // A fault of this program must not end the looking, nor pass unseen.
                    LOG.error("looking at {} failed", file, e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        Stamp now = stamp();
        if (now == null || now.equals(seen)) return;
        try {
            String changed = SettingsFile.read(file);
            if (!now.equals(stamp())) return; // still being written: at the next look
            seen = now;
            if (changed.equals(text) && trouble.isEmpty()) return;
            long next =
                    Math.max(now.modifiedMillis() / 1000, changed.equals(text) ? 0 : serial + 1);
            Zones taken = Zones.parse(changed, file.toString(), next);
            warnOfSerials(zones, taken);
            text = changed;
            serial = next;
            zones = taken;
            trouble = Optional.empty();
            LOG.info("{} has changed and holds: {} zones", file, taken.zones().size());
            tell(new Change.Taken(taken));
        } catch (SettingsException e) {
            seen = now;
            trouble = Optional.of(String.valueOf(e.getMessage()));
            LOG.warn(
                    "{} has changed and is refused; the one before holds:\n{}",
                    file,
                    e.getMessage());
            tell(new Change.Refused(e.problems()));
        }
    }

    /** Whoever sets serials by hand forgets it one day; the change matters more than the number. */
    private static void warnOfSerials(Zones before, Zones now) {
        now.zones()
                .forEach((name, zone) -> {
                    Zone old = before.zones().get(name);
                    // Serials go round: RFC 1982.
                    if (old != null && (int) (zone.serial() - old.serial()) <= 0)
                        LOG.warn(
                                "the serial of {} is {} and was {}: it should grow with each"
                                        + " change",
                                name,
                                zone.serial(),
                                old.serial());
                });
    }

    private void tell(Change change) {
        listeners.forEach(listener -> listener.accept(change));
    }

    private @Nullable Stamp stamp() {
        try {
            BasicFileAttributes file = Files.readAttributes(this.file, BasicFileAttributes.class);
            return new Stamp(file.lastModifiedTime().toMillis(), file.size(), file.fileKey());
        } catch (IOException e) {
            return null; // it is being replaced, or gone: what holds stays
        }
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
