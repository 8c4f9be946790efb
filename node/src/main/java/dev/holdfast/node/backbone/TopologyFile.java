package dev.holdfast.node.backbone;

import dev.holdfast.keys.DurableFile;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.settings.SettingsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a member's topology comes from: the file that its settings name, which may be replaced
 * while it runs, and the one that was in force last, which outlasts the process. What it cannot go
 * by is refused with the reason. Not thread-safe, but for {@link #keep}.
 */
final class TopologyFile {
    private static final Logger LOG = LoggerFactory.getLogger(TopologyFile.class);

    private final Path given;
    private final Path kept;
    private final BackboneDriver.Self self;
    private final Verifier verifier;

    /** Of the file that was read last. */
    private @Nullable FileTime seen;

    /**
     * @param given the one in the settings
     */
    TopologyFile(Path given, BackboneDriver.Self self, Verifier verifier) {
        this.given = given;
        this.kept = self.data().resolve("topology.yaml");
        this.self = self;
        this.verifier = verifier;
    }

    /**
     * The one in the settings, or a newer one that was in force before: an older one never.
     *
     * @throws SettingsException when there is none that this member can go by
     */
    SignedTopology first() {
        seen = modified();
        SignedTopology chosen = load(given);
        if (Files.exists(kept)) {
            SignedTopology before = load(kept);
            if (before.topology().serial() > chosen.topology().serial()) {
                LOG.warn(
                        "{} has serial {}, older than {} that was in force: the newer one stays",
                        given,
                        chosen.topology().serial(),
                        before.topology().serial());
                chosen = before;
            }
        }
        requireMember(chosen);
        keep(chosen);
        return chosen;
    }

    /**
     * What the file says now, where it is another than before.
     *
     * @throws SettingsException when this member cannot go by it
     */
    Optional<SignedTopology> changed() {
        FileTime modified = modified();
        if (modified == null || modified.equals(seen)) return Optional.empty();
        seen = modified;
        SignedTopology other = load(given);
        requireMember(other);
        return Optional.of(other);
    }

    /** For the next start. */
    void keep(SignedTopology topology) {
        DurableFile.write(
                kept,
                topology.text().getBytes(StandardCharsets.UTF_8),
                DurableFile.Readers.EVERYBODY);
    }

    private SignedTopology load(Path file) {
        return SignedTopology.load(file, self.authorities(), verifier);
    }

    private void requireMember(SignedTopology topology) {
        Topology.Member member = topology.topology().members().get(self.name());
        if (member == null)
            throw new SettingsException(
                    List.of(
                            given
                                    + ": the topology has no member "
                                    + self.name()
                                    + ", which is this node's name in its certificate"));
        if (!member.publicKey().equals(self.publicKey()))
            throw new SettingsException(
                    List.of(
                            given
                                    + ": the topology has another key for "
                                    + self.name()
                                    + " than this node's replica.key, "
                                    + self.publicKey().hex()
                                    + ": sign it again with this one"));
    }

    private @Nullable FileTime modified() {
        try {
            return Files.getLastModifiedTime(given);
        } catch (IOException e) {
            return null; // It is being replaced, or gone: what is in force stays.
        }
    }
}
