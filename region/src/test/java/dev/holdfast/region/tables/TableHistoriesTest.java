package dev.holdfast.region.tables;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.region.RealServices;
import dev.holdfast.region.database.EmbeddedDatabase;
import dev.holdfast.region.tables.TableSettings.OnDelete;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random histories of two or three regions that often do not hear of each other: whatever happens,
 * in the end all have the same rows and documents, and every value that was written last in its
 * region is shown, or replaced by whoever saw it, or in the log.
 */
@ExtendWith(RealServices.class)
final class TableHistoriesTest {
    private static final String DDL =
            "CREATE TABLE t (k int, l text, a text, b int, c text DEFAULT 'none', PRIMARY KEY (l, k))";
    private static final String ALL = "SELECT * FROM t ORDER BY k, l";

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void histories_with_cuts_end_the_same(long seed, EmbeddedDatabase server) throws Exception {
        Random random = new Random(seed);
        OnDelete policy = random.nextBoolean() ? OnDelete.UPDATE_WINS : OnDelete.DELETE_WINS;
        List<TableSettings> settings = List.of(new TableSettings("public.t", "tables", policy));
        List<TableRegion> regions = new ArrayList<>();
        try {
            for (int i = 0; i < 2 + random.nextInt(2); i++)
                regions.add(new TableRegion(server, "r" + i, settings, DDL));
            Map<TableRegion, Connection> open = new HashMap<>();
            int value = 0;
            for (int step = 0; step < 150; step++) {
                TableRegion region = regions.get(random.nextInt(regions.size()));
                region.nowMillis += random.nextInt(50);
                switch (random.nextInt(12)) {
                    case 0 -> region.round();
                    // Not until all is settled: what the application holds is not.
                    case 1 -> {
                        for (int i = 0; i < 4; i++) region.round();
                    }
                    case 2 -> {
                        TableRegion other = regions.get(random.nextInt(regions.size()));
                        if (other != region) region.tell(other);
                    }
                    case 3 -> region.start();
                    case 4 -> end(open.remove(region), random.nextInt(4) > 0);
                    default -> {
                        boolean held = open.containsKey(region);
                        if (!held && random.nextInt(8) == 0) {
                            Connection connection = region.connect();
                            connection.setAutoCommit(false);
                            open.put(region, connection);
                            held = true;
                        }
                        write(region, held ? open.get(region) : null, random, value++);
                    }
                }
            }
            for (Connection connection : open.values()) end(connection, true);
            TableRegion[] all = regions.toArray(new TableRegion[0]);
            TableRegion.converge(all);
            for (TableRegion region : regions) {
                assertThat(region.state())
                        .as("seed %d, %s", seed, region.name)
                        .isEqualTo(all[0].state());
                assertThat(region.rows(ALL))
                        .as("seed %d, %s", seed, region.name)
                        .isEqualTo(all[0].rows(ALL));
                assertThat(region.ask("SELECT count(*) FROM table_due")).isEqualTo("0");
            }
            // Somebody has made whole what a change brought back.
            assertThat(
                            all[0].ask(
                                    "SELECT id FROM document WHERE fields IS NOT NULL AND NOT"
                                            + " jsonb_exists(fields, 'k')"))
                    .as("seed %d", seed)
                    .isNull();
            assertThat(shown(all[0])).as("seed %d", seed).isEqualTo(all[0].rows(ALL));
            assertThat(all[0].ask("SELECT count(*) FROM operation")).isNotEqualTo("0");
        } finally {
            regions.forEach(TableRegion::close);
        }
    }

    /** The rows as the documents' readable fields have them. */
    private static List<String> shown(TableRegion region) throws SQLException {
        return region.rows(
                """
                SELECT fields->>'k', fields->>'l', fields->>'a', fields->>'b', fields->>'c'
                FROM document WHERE jsonb_exists(fields, 'k') ORDER BY (fields->>'k')::int, 2\
                """);
    }

    private static void end(@Nullable Connection connection, boolean commit) throws SQLException {
        if (connection == null) return;
        try (connection) {
            if (commit) connection.commit();
            else connection.rollback();
        }
    }

    private static void write(
            TableRegion region, @Nullable Connection held, Random random, int value)
            throws SQLException {
        int k = random.nextInt(3);
        String l = List.of("x", "y,").get(random.nextInt(2));
        String row = " WHERE k = " + k + " AND l = '" + l + "'";
        Map<String, String> columns = new TreeMap<>();
        for (String column : List.of("a", "b", "c"))
            if (random.nextBoolean()) columns.put(column, column + " = '" + value + "'");
        String sql =
                switch (random.nextInt(5)) {
                    case 0 -> "DELETE FROM t" + row;
                    case 1 ->
                            "UPDATE t SET k = (k + 1) % 3"
                                    + row
                                    + " AND NOT EXISTS (SELECT FROM t u WHERE u.k = (t.k + 1) % 3 AND u.l = t.l)";
                    case 2 -> "UPDATE t SET a = NULL, b = coalesce(b, 0) + 1" + row;
                    default ->
                            "INSERT INTO t (k, l, a, b) VALUES ("
                                    + k
                                    + ", '"
                                    + l
                                    + "', 'new "
                                    + value
                                    + "', "
                                    + value
                                    + ") ON CONFLICT (l, k) DO UPDATE SET "
                                    + (columns.isEmpty()
                                            ? "c = NULL"
                                            : String.join(", ", columns.values()));
                };
        if (held == null) {
            try {
                // What another of the application's holds is not waited for.
                region.run("SET LOCAL lock_timeout = '20ms'", sql);
            } catch (SQLException e) {
                if (!"55P03".equals(e.getSQLState())) throw e;
            }
        } else {
            try (Statement statement = held.createStatement()) {
                statement.execute(sql);
            }
        }
    }
}
