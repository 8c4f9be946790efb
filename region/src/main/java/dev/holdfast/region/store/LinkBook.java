package dev.holdfast.region.store;

import dev.holdfast.region.database.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The links to other regions, as all processes of this one know them: which of them a person
 * paused, which outlasts every process, and what the process that follows one last said of it. A
 * link goes by the host and port of its peer. Thread-safe.
 */
public final class LinkBook {
    private final Database database;

    public LinkBook(Database database) {
        this.database = database;
    }

    /**
     * What is known of a link.
     *
     * @param pausedAt empty where it is not paused
     * @param reportedAt when {@code report} was said; empty where it never was
     * @param report as JSON
     */
    public record Link(
            String peer,
            Optional<Instant> pausedAt,
            Optional<Instant> reportedAt,
            Optional<String> report) {}

    /**
     * Those of these that are known to the database.
     *
     * @throws StoreException when the database failed
     */
    public Map<String, Link> links(Collection<String> peers) {
        Map<String, Link> links = new HashMap<>();
        RegionStore.snapshot(
                database,
                "reading of the links",
                sql -> {
                    sql.each(
                            "SELECT peer, paused, reported, report FROM mirror_link WHERE peer = ANY (?)",
                            row -> links.put(Sql.text(row, 1), link(row)),
                            sql.texts(List.copyOf(peers), name -> name));
                    return true;
                });
        return links;
    }

    /**
     * Pauses a link; one that is paused stays so since when it was.
     *
     * @throws StoreException when the database failed
     */
    public void pause(String peer, Instant now) {
        RegionStore.change(
                database,
                "pausing a link",
                sql ->
                        sql.run(
                                """
                                INSERT INTO mirror_link (peer, paused) VALUES (?, ?)
                                ON CONFLICT (peer) DO UPDATE
                                SET paused = coalesce(mirror_link.paused, excluded.paused)\
                                """,
                                peer,
                                Timestamp.from(now)));
    }

    /**
     * Ends a pause, if there is one.
     *
     * @throws StoreException when the database failed
     */
    public void resume(String peer) {
        RegionStore.change(
                database,
                "resuming a link",
                sql -> sql.run("UPDATE mirror_link SET paused = NULL WHERE peer = ?", peer));
    }

    /**
     * Keeps what the process that follows a peer says of it.
     *
     * @throws StoreException when the database failed
     */
    public void report(String peer, String report, Instant now) {
        RegionStore.change(
                database,
                "reporting of a link",
                sql ->
                        sql.run(
                                """
                                INSERT INTO mirror_link (peer, reported, report) VALUES (?, ?, ?)
                                ON CONFLICT (peer) DO UPDATE
                                SET reported = excluded.reported, report = excluded.report\
                                """,
                                peer,
                                Timestamp.from(now),
                                report));
    }

    private static Link link(ResultSet row) throws SQLException {
        return new Link(
                Sql.text(row, 1),
                instant(row.getTimestamp(2)),
                instant(row.getTimestamp(3)),
                Optional.ofNullable(row.getString(4)));
    }

    private static Optional<Instant> instant(@Nullable Timestamp at) {
        return at == null ? Optional.empty() : Optional.of(at.toInstant());
    }
}
