package dev.holdfast.region.mirror;

import dev.holdfast.region.store.LinkBook;
import dev.holdfast.region.store.StoreException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the links of a process in step with what people said of them to any process of the region,
 * and says how they stand: each look goes into the database. While that is away the links go on as
 * they were.
 */
final class LinkWatch {
    static final Duration INTERVAL = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(LinkWatch.class);

    private final List<MirrorDriver> links;
    private final LinkBook book;
    private final InstantSource clock;

    LinkWatch(List<MirrorDriver> links, LinkBook book, InstantSource clock) {
        this.links = List.copyOf(links);
        this.book = book;
        this.clock = clock;
    }

    void look() {
        obey();
        report();
    }

    /** Has links that a person paused rest, and others go on. */
    void obey() {
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
