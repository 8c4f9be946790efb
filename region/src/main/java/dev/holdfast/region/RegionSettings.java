package dev.holdfast.region;

import dev.holdfast.node.backbone.BackboneSettings;
import dev.holdfast.node.http.HttpSettings;
import dev.holdfast.node.settings.ByteSize;
import dev.holdfast.node.settings.Default;
import dev.holdfast.node.sync.SyncSettings;
import dev.holdfast.node.tls.TlsSettings;
import dev.holdfast.region.log.LogSettings;
import dev.holdfast.region.store.Copies;
import dev.holdfast.region.tables.TableSettings;
import dev.holdfast.region.worker.Pace;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a process of a region runs.
 *
 * @param data the folder that it owns; the child broker and the embedded database keep theirs there
 * @param http where it listens, and what it bears
 * @param tls its certificate, and the deployment's CA
 * @param authorities files with the public keys that may sign grants, in hexadecimal; two while one
 *     replaces the other
 * @param grant the file with this process's own grant of the role region
 * @param replicaKey the key that the grant is for; taken into the data folder at the first start.
 *     Without one the process makes a key there, and the grant must be for that
 * @param roles what this process does; empty for everything
 * @param workers that apply at a time; more than there are shards are idle
 * @param mirror the other regions
 * @param tables of the application that are mirrored, in the region's own database; the same in
 *     each process
 * @param schema a file with the schema in JSON, by which documents are shown; without one every
 *     field is a register
 * @param home whether this is the scopes' home region, which corrects clocks; one region is
 * @param freeDisk what is to stay free on the disk of the data folder: below it pushes are refused
 * @param backbone its part in the backbone, by which it then reaches other regions
 * @param console a folder with the console's pages, which it serves to operators under {@code
 *     /console}
 */
public record RegionSettings(
        Path data,
        HttpSettings http,
        TlsSettings tls,
        List<Path> authorities,
        Path grant,
        Optional<Path> replicaKey,
        @Default("") DatabasePart database,
        @Default("") LogPart log,
        @Default("") List<Role> roles,
        @Default("2") int workers,
        @Default("") Pace pace,
        @Default("") MirrorPart mirror,
        @Default("") List<TableSettings> tables,
        Optional<Path> schema,
        @Default("true") boolean home,
        @Default("1GiB") ByteSize freeDisk,
        @Default("") SyncSettings sync,
        Optional<BackboneSettings> backbone,
        Optional<Path> console) {

    /** What a process of a region can do. */
    public enum Role {
        /** Takes pushes in, and serves sessions and the HTTP API. */
        INGEST,
        /** Applies the log. */
        WORKER,
        /** Follows the other regions: one process of a region is enough. */
        MIRROR
    }

    /**
     * The database.
     *
     * @param jdbcUrl of a PostgreSQL that is run by others; without one an embedded one is run
     * @param passwordFile holds the user's password, and nothing else
     * @param port of the embedded one, on loopback; 0 for a free one
     * @param connections that this process opens at most
     */
    public record DatabasePart(
            Optional<String> jdbcUrl,
            @Default("holdfast") String user,
            Optional<Path> passwordFile,
            @Default("0") int port,
            @Default("20") int connections) {
        public static final DatabasePart EMBEDDED =
                new DatabasePart(Optional.empty(), "holdfast", Optional.empty(), 0, 20);

        public DatabasePart {
            if (connections < 4) throw new IllegalArgumentException("connections is at least 4");
        }

        /**
         * Of the connections, those that opening sessions and reading feeds for them may take: few,
         * since thousands who come at once are all served soonest by being read for a few at a
         * time, and so leave processor and database to those who write and to the workers.
         */
        int forSessions() {
            return Math.max(2, connections / 10);
        }

        /** Those that are left to workers, the HTTP API and all else. */
        int forTheRest() {
            return connections - forSessions();
        }
    }

    /**
     * The log.
     *
     * @param namesrvAddress of a RocketMQ that is run by others, host:port, several separated by
     *     semicolons; without one a child broker is run
     * @param topic that the region's batches go through, and no other region's; the child has the
     *     default alone
     * @param shards of the child's topic; fixed once the topic is there
     * @param namesrvPort of the child, on loopback
     * @param brokerPort of the child, on loopback; two below it is taken as well
     * @param retention of the child; longer than the longest outage of the database
     */
    public record LogPart(
            Optional<String> namesrvAddress,
            @Default(LogSettings.BATCHES) String topic,
            @Default("8") int shards,
            @Default("9876") int namesrvPort,
            @Default("10911") int brokerPort,
            @Default("30d") Duration retention) {
        public static final LogPart CHILD =
                new LogPart(
                        Optional.empty(), LogSettings.BATCHES, 8, 9876, 10911, Duration.ofDays(30));

        public LogPart {
            if (shards < 1) throw new IllegalArgumentException("shards is at least 1");
            if (namesrvAddress.isEmpty() && !topic.equals(LogSettings.BATCHES))
                throw new IllegalArgumentException("topic goes with namesrv-address alone");
        }

        /** The group of readers that share the shards: all workers of the region. */
        String workers() {
            return topic.equals(LogSettings.BATCHES) ? "holdfast-workers" : topic + "-workers";
        }

        public LogPart withPorts(int namesrv, int broker) {
            return new LogPart(namesrvAddress, topic, shards, namesrv, broker, retention);
        }
    }

    /**
     * The other regions.
     *
     * @param peers addresses of those whose feeds this one follows, the same in each process; none
     *     where there is no other region
     * @param copies in how many regions an operation must be applied to be GLOBAL; nothing ever is
     *     where there are no peers
     */
    public record MirrorPart(@Default("") List<URI> peers, @Default("2") int copies) {
        public static final MirrorPart NONE = new MirrorPart(List.of(), 2);

        public MirrorPart {
            peers = List.copyOf(peers);
            for (URI peer : peers) {
                if (!"https".equals(peer.getScheme()) || peer.getHost() == null)
                    throw new IllegalArgumentException("a peer is https://host:port, not " + peer);
            }
            if (copies < 2) throw new IllegalArgumentException("copies is at least 2");
            // A region counts what its own peers say, and nobody else.
            if (!peers.isEmpty() && copies > peers.size() + 1)
                throw new IllegalArgumentException(
                        "copies is at most one more than there are peers: nothing would be GLOBAL");
        }

        Copies wanted() {
            return peers.isEmpty() ? Copies.NONE : new Copies(copies);
        }
    }

    public RegionSettings {
        if (authorities.isEmpty())
            throw new IllegalArgumentException(
                    "authorities names at least one file, such as grants.pub");
        if (workers < 1) throw new IllegalArgumentException("workers is at least 1");
        tables = List.copyOf(tables);
        if (tables.stream().map(TableSettings::name).distinct().count() < tables.size())
            throw new IllegalArgumentException("tables names a table twice");
    }

    /**
     * A whole region in one process, with a broker and a database of its own.
     *
     * @param node the folder that {@code holdfast keys node} wrote
     */
    public static RegionSettings of(Path data, Path node, HttpSettings http, LogPart log) {
        return new RegionSettings(
                data,
                http,
                TlsSettings.in(node),
                List.of(node.resolve("grants.pub")),
                node.resolve("grant"),
                Optional.of(node.resolve("replica.key")),
                DatabasePart.EMBEDDED,
                log,
                List.of(),
                1,
                Pace.FAST,
                MirrorPart.NONE,
                List.of(),
                Optional.empty(),
                true,
                ByteSize.ofMiB(1 << 10),
                SyncSettings.DEFAULT,
                Optional.empty(),
                Optional.empty());
    }

    public RegionSettings withMirror(MirrorPart other) {
        return new RegionSettings(
                data,
                http,
                tls,
                authorities,
                grant,
                replicaKey,
                database,
                log,
                roles,
                workers,
                pace,
                other,
                tables,
                schema,
                home,
                freeDisk,
                sync,
                backbone,
                console);
    }

    boolean does(Role role) {
        return roles.isEmpty() || roles.contains(role);
    }
}
