package dev.holdfast.region.mirror;

import dev.holdfast.region.store.LinkBook;
import dev.holdfast.region.store.StoreException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the links of a process in step with what people said of them to any process of the region,
 * and says how they stand: looks into the database once a second. While that is away the links go
 * on as they were.
 */
public final class LinkWatchDriver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LinkWatchDriver.class);
    private static final long INTERVAL_MILLIS = 1_000;

    private final List<MirrorDriver> links;
    private final LinkBook book;
    private final InstantSource clock;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = Thread.ofVirtual().name("link-watch").unstarted(this::run);

    private LinkWatchDriver(List<MirrorDriver> links, LinkBook book, InstantSource clock) {
        this.links = List.copyOf(links);
        this.book = book;
        this.clock = clock;
    }

    /** The links have not been started: one that is paused is not tried at all. */
    static LinkWatchDriver start(List<MirrorDriver> links, LinkBook book, InstantSource clock) {
        LinkWatchDriver watch = new LinkWatchDriver(links, book, clock);
        watch.obey();
        watch.thread.start();
        return watch;
    }

    @Override
    public void close() {
        closing.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            do {
                obey();
                report();
            } while (!closing.await(INTERVAL_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void obey() {
        try {
            Map<String, LinkBook.Link> known =
                    book.links(links.stream().map(MirrorDriver::name).toList());
            for (MirrorDriver link : links) {
                Optional.ofNullable(known.get(link.name()))
                        .flatMap(LinkBook.Link::pausedAt)
                        .ifPresentOrElse(link::pause, link::resume);
            }
        } catch (StoreException e) {
            LOG.debug("it cannot be seen now which links are paused", e);
        }
    }

    private void report() {
        try {
            for (MirrorDriver link : links)
                book.report(link.name(), LinkReport.of(link), clock.instant());
        } catch (StoreException e) {
            LOG.debug("it cannot be noted now how the links stand", e);
        }
    }
}
