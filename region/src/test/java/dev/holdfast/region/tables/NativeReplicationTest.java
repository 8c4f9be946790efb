package dev.holdfast.region.tables;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.region.RealServices;
import dev.holdfast.region.database.EmbeddedDatabase;
import dev.holdfast.region.tables.TablesTest.Two;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * One history, in PostgreSQL's own two-way replication and in mirrored tables: both regions change
 * one row while neither hears of the other.
 */
@ExtendWith(RealServices.class)
final class NativeReplicationTest {
    private static final String TABLE = "CREATE TABLE price (id int PRIMARY KEY, value int)";
    private static final String ALL = "SELECT * FROM price";

    @Test
    void where_native_replication_swaps_two_values_mirrored_tables_have_one(EmbeddedDatabase server)
            throws Exception {
        try (Two mirrored = Two.of(server, TablesTest.named("public.price"), TABLE)) {
            mirrored.a().run("INSERT INTO price VALUES (1, 0)");
            mirrored.converge();
            mirrored.a().run("UPDATE price SET value = 100");
            mirrored.b().run("UPDATE price SET value = 200");
            mirrored.converge();
            assertThat(mirrored.a().rows(ALL)).isEqualTo(mirrored.b().rows(ALL));
            mirrored.assertSame("SELECT count(*) FROM table_conflict", "1");
        }
        try (Two plain = Two.of(server, List.of(), TABLE)) {
            TableRegion a = plain.a();
            TableRegion b = plain.b();
            subscribe(a, b);
            subscribe(b, a);
            a.run("INSERT INTO price VALUES (1, 0)");
            await(b, "1|0");
            cut(a, true);
            cut(b, true);
            a.run("UPDATE price SET value = 100");
            b.run("UPDATE price SET value = 200");
            cut(a, false);
            cut(b, false);
            try {
                // Each has the other's, for good.
                await(a, "1|200");
                await(b, "1|100");
            } finally {
                unsubscribe(a, b);
                unsubscribe(b, a);
            }
        }
    }

    /** Both databases are on one server, so the slot is made beforehand. */
    private static void subscribe(TableRegion to, TableRegion from) throws SQLException {
        from.execute("CREATE PUBLICATION changes FOR TABLE price");
        from.execute(
                "SELECT pg_create_logical_replication_slot('" + slot(to, from) + "', 'pgoutput')");
        to.execute(
                "CREATE SUBSCRIPTION "
                        + slot(to, from)
                        + " CONNECTION '"
                        + from.conninfo()
                        + "' PUBLICATION changes WITH (origin = none, copy_data = false,"
                        + " create_slot = false)");
    }

    private static String slot(TableRegion to, TableRegion from) {
        return "price_" + from.name + "_to_" + to.name;
    }

    private static void cut(TableRegion region, boolean cut) throws SQLException {
        String name =
                region.ask(
                        "SELECT subname FROM pg_subscription WHERE subdbid ="
                                + " (SELECT oid FROM pg_database WHERE datname = current_database())");
        region.execute("ALTER SUBSCRIPTION " + name + (cut ? " DISABLE" : " ENABLE"));
    }

    private static void unsubscribe(TableRegion to, TableRegion from) throws SQLException {
        String name = slot(to, from);
        to.execute("ALTER SUBSCRIPTION " + name + " DISABLE");
        to.execute("ALTER SUBSCRIPTION " + name + " SET (slot_name = NONE)");
        to.execute("DROP SUBSCRIPTION " + name);
        from.execute(
                "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name"
                        + " = '"
                        + name
                        + "' AND active_pid IS NOT NULL");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (from.ask(
                        "SELECT 1 FROM pg_replication_slots WHERE NOT active AND slot_name = '"
                                + name
                                + "'")
                == null) {
            assertThat(System.nanoTime()).isLessThan(deadline);
        }
        from.execute("SELECT pg_drop_replication_slot('" + name + "')");
    }

    private static void await(TableRegion region, String row) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!region.rows(ALL).equals(List.of(row))) {
            assertThat(System.nanoTime())
                    .as("%s of %s", region.rows(ALL), region.name)
                    .isLessThan(deadline);
            Thread.sleep(20);
        }
    }
}
