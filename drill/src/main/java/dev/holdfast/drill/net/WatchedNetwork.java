package dev.holdfast.drill.net;

import dev.holdfast.drill.report.Timeline;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A network that tells a timeline of what is done to it. Used by one thread. */
public final class WatchedNetwork implements Network {
    private final Network network;
    private final Timeline timeline;

    /** What healing ends. */
    private final List<String> cuts = new ArrayList<>();

    private int loss;

    /** Watches {@code network}, which nobody has cut yet. */
    public WatchedNetwork(Network network, Timeline timeline) {
        this.network = network;
        this.timeline = timeline;
    }

    @Override
    public String means() {
        return network.means();
    }

    @Override
    public List<String> on(Host host) {
        return network.on(host);
    }

    @Override
    public String address(Host host) {
        return network.address(host);
    }

    @Override
    public URI endpoint(Host from, Host to, int port) {
        return network.endpoint(from, to, port);
    }

    @Override
    public boolean reaches(Host from, Host to, int port) {
        return network.reaches(from, to, port);
    }

    @Override
    public void cutGateway(Cut cut) {
        network.cutGateway(cut);
        begin(inWords("border cut", cut));
    }

    @Override
    public void cutAccess(Cut cut) {
        network.cutAccess(cut);
        begin(inWords("devices cut off from the edge", cut));
    }

    private static String inWords(String what, Cut cut) {
        return switch (cut) {
            case BOTH -> what;
            case OUTWARD -> what + ", only answers pass";
            case INWARD -> what + ", only requests pass";
        };
    }

    @Override
    public void lose(int percent) {
        network.lose(percent);
        if (loss > 0) timeline.end(lossInWords());
        loss = percent;
        if (loss > 0) timeline.begin(lossInWords());
    }

    private String lossInWords() {
        return "loss " + loss + " %";
    }

    @Override
    public long attempts() {
        return network.attempts();
    }

    @Override
    public void blackout() {
        network.blackout();
        begin("blackout");
    }

    @Override
    public void isolate(Host host) {
        network.isolate(host);
        begin(
                switch (host) {
                    case CLOUD -> "region cut off from everybody";
                    case CLOUD_B -> "second region cut off from everybody";
                    case CLOUD_C -> "third region cut off from everybody";
                    case EDGE -> "edge cut off from everybody";
                    case DEVICE_A, DEVICE_B -> "device cut off from everybody";
                });
    }

    @Override
    public void cutRegions() {
        network.cutRegions();
        begin("regions cut off from each other");
    }

    @Override
    public void cut(Host from, Host to) {
        network.cut(from, to);
        begin("nothing from " + word(from) + " to " + word(to));
    }

    private static String word(Host host) {
        return host.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private void begin(String words) {
        timeline.begin(words);
        cuts.add(words);
    }

    @Override
    public void heal() {
        network.heal();
        cuts.forEach(timeline::end);
        cuts.clear();
    }

    @Override
    public void close() {
        network.close();
    }
}
