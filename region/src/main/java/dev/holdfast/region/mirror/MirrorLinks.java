package dev.holdfast.region.mirror;

import dev.holdfast.core.Bytes;
import dev.holdfast.region.compare.Asked;
import dev.holdfast.region.store.Inspection;
import dev.holdfast.region.store.LinkBook;
import dev.holdfast.region.watch.WatchDriver;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** All links of a process that follows other regions, with what watches them. */
public final class MirrorLinks implements AutoCloseable {
    private final List<MirrorDriver> links = new ArrayList<>();
    private final List<WatchDriver> lags = new ArrayList<>();
    private final WatchDriver watch;

    private MirrorLinks(
            Peers peers, MirrorRegion here, LinkBook book, Inspection inspection, PeerCalls calls) {
        for (URI peer : peers.addresses()) links.add(MirrorDriver.of(peer, here));
        LinkWatch standing = new LinkWatch(links, book, here.clock());
        standing.obey(); // one that is paused is not tried at all
        watch = WatchDriver.start("link-watch", LinkWatch.INTERVAL, standing::look);
        for (MirrorDriver link : links) {
            link.start();
            Asked asked = question -> ask(calls, link.peer(), question);
            LagWatch lag = new LagWatch(asked, inspection, link.meters(), here.clock());
            lags.add(WatchDriver.start("mirror-lag", LagWatch.INTERVAL, lag::look));
        }
    }

    /** Follows every peer but those that a person paused. */
    public static MirrorLinks start(
            Peers peers, MirrorRegion here, LinkBook book, Inspection inspection, PeerCalls calls) {
        return new MirrorLinks(peers, here, book, inspection, calls);
    }

    static Bytes ask(PeerCalls calls, URI peer, Bytes question)
            throws IOException, InterruptedException {
        return calls.post(peer, MirrorEndpoint.COMPARE, question);
    }

    public List<MirrorDriver> links() {
        return List.copyOf(links);
    }

    @Override
    public void close() {
        watch.close();
        lags.forEach(WatchDriver::breakOff);
        links.forEach(MirrorDriver::close);
    }
}
