package dev.holdfast.cli.mirror;

import dev.holdfast.cli.node.OwnNode;
import dev.holdfast.core.Value;
import dev.holdfast.node.grants.Bearer;
import dev.holdfast.node.grants.Credentials;
import dev.holdfast.node.settings.SettingsFile;
import dev.holdfast.region.RegionSettings;
import dev.holdfast.region.mirror.MirrorEndpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A process of a region on this machine, asked about its mirror. */
final class OwnRegion implements AutoCloseable {
    private final OwnNode node;

    private OwnRegion(OwnNode node) {
        this.node = node;
    }

    static OwnRegion open(Path file) {
        RegionSettings settings = SettingsFile.load(file, RegionSettings.class);
        OwnNode.Which which =
                new OwnNode.Which(
                        "region",
                        file,
                        MirrorEndpoint.PATH,
                        Map.of(
                                "peer-unknown",
                                "name one of these, or add it to mirror.peers in " + file,
                                "busy",
                                "again when that is over"));
        String grant = Bearer.header(Credentials.grantIn(settings.grant()).encoded());
        return new OwnRegion(
                OwnNode.open(which, settings.http(), settings.tls(), Optional.of(grant)));
    }

    /** What the mirror says of itself. */
    Value status() throws IOException, InterruptedException {
        return node.get("", Map.of());
    }

    /** Has something done about a peer. */
    Value command(String peer, String what) throws IOException, InterruptedException {
        return node.post(path(peer, what), Map.of());
    }

    /** What comes of a command about a peer, as it comes. To be closed. */
    Stream<Value> events(String peer, String what, Map<String, String> query)
            throws IOException, InterruptedException {
        return node.events(path(peer, what), query);
    }

    private static String path(String peer, String what) {
        return "/" + OwnNode.encoded(peer) + "/" + what;
    }

    @Override
    public void close() {
        node.close();
    }
}
