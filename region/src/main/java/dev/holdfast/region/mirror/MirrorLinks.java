package dev.holdfast.region.mirror;

import dev.holdfast.core.Bytes;
import dev.holdfast.region.compare.Asked;
import dev.holdfast.region.store.Inspection;
import dev.holdfast.region.store.LinkBook;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** All links of a process that follows other regions, with what watches them. */
public final class MirrorLinks implements AutoCloseable {
    private final List<MirrorDriver> links = new ArrayList<>();
    private final List<LagDriver> lags = new ArrayList<>();
    private final LinkWatchDriver watch;

    private MirrorLinks(
            Peers peers, MirrorRegion here, LinkBook book, Inspection inspection, PeerCalls calls) {
        for (URI peer : peers.addresses()) links.add(MirrorDriver.of(peer, here));
        watch = LinkWatchDriver.start(links, book, here.clock());
        for (MirrorDriver link : links) {
            link.start();
            Asked asked = question -> ask(calls, link.peer(), question);
            lags.add(LagDriver.start(asked, inspection, link.meters(), here.clock()));
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
        lags.forEach(LagDriver::close);
        links.forEach(MirrorDriver::close);
    }
}
