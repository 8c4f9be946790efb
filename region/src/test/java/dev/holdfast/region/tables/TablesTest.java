package dev.holdfast.region.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.region.RealServices;
import dev.holdfast.region.database.EmbeddedDatabase;
import dev.holdfast.region.tables.TableSettings.OnDelete;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two regions with a table of the application's, which tell each other when the test says so. */
@ExtendWith(RealServices.class)
final class TablesTest {
    private static final String STOCK =
            "CREATE TABLE stock (sku text PRIMARY KEY, name text NOT NULL, qty int, price"
                    + " numeric(10,2) DEFAULT 1.50)";
    private static final String ALL = "SELECT * FROM stock ORDER BY sku";

    static List<TableSettings> named(String... names) {
        return java.util.Arrays.stream(names)
                .map(name -> new TableSettings(name, "tables", OnDelete.UPDATE_WINS))
                .toList();
    }

    /** Two regions with the same table. */
    record Two(TableRegion a, TableRegion b) implements AutoCloseable {
        static Two of(EmbeddedDatabase server, List<TableSettings> settings, String ddl)
                throws SQLException {
            return new Two(
                    new TableRegion(server, "a", settings, ddl),
                    new TableRegion(server, "b", settings, ddl));
        }

        void converge() throws Exception {
            TableRegion.converge(a, b);
            assertThat(b.state()).isEqualTo(a.state());
        }

        void assertSame(String sql, String... rows) throws SQLException {
            assertThat(a.rows(sql)).as("a").containsExactly(rows);
            assertThat(b.rows(sql)).as("b").containsExactly(rows);
        }

        @Override
        public void close() {
            a.close();
            b.close();
        }
    }

    private static Two stock(EmbeddedDatabase server) throws Exception {
        Two two = Two.of(server, named("public.stock"), STOCK);
        two.a.run("INSERT INTO stock VALUES ('s1', 'salt', 10, 2.00), ('s2', 'soap', NULL, 3)");
        two.converge();
        two.assertSame(ALL, "s1|salt|10|2.00", "s2|soap|null|3.00");
        return two;
    }

    @Test
    void rows_go_to_the_other_region_and_back(EmbeddedDatabase server) throws Exception {
        try (Two two = stock(server)) {
            two.b.run(
                    "UPDATE stock SET qty = 9 WHERE sku = 's1'",
                    "DELETE FROM stock WHERE sku = 's2'");
            two.converge();
            two.assertSame(ALL, "s1|salt|9|2.00");
            two.a.run("INSERT INTO stock (sku, name) VALUES ('s2', 'soap again')");
            two.converge();
            two.assertSame(ALL, "s1|salt|9|2.00", "s2|soap again|null|1.50");
            for (TableRegion region : List.of(two.a, two.b))
                assertThat(region.ask("SELECT count(*) FROM table_conflict")).isEqualTo("0");
        }
    }

    @Test
    void concurrent_changes_of_different_columns_are_both_there(EmbeddedDatabase server)
            throws Exception {
        try (Two two = stock(server)) {
            two.a.run("UPDATE stock SET qty = 11 WHERE sku = 's1'");
            two.b.run("UPDATE stock SET name = 'sea salt', price = 2.5 WHERE sku = 's1'");
            two.converge();
            two.assertSame(ALL, "s1|sea salt|11|2.50", "s2|soap|null|3.00");
            for (TableRegion region : List.of(two.a, two.b))
                assertThat(region.ask("SELECT count(*) FROM table_conflict")).isEqualTo("0");
        }
    }

    @Test
    void of_concurrent_values_of_a_column_the_later_is_shown_and_both_are_logged(
            EmbeddedDatabase server) throws Exception {
        try (Two two = stock(server)) {
            // The regions' clocks stand ahead: what counts is when the application wrote.
            two.a.nowMillis += 600_000;
            two.b.nowMillis += 600_000;
            two.b.run("UPDATE stock SET qty = 20, name = 'b' WHERE sku = 's1'");
            two.b.settle();
            two.a.run("UPDATE stock SET qty = 10 + 5, name = 'a' WHERE sku = 's1'");
            two.converge();
            two.assertSame(ALL, "s1|a|15|2.00", "s2|soap|null|3.00");
            String log =
                    "SELECT field, lost, kept, what, row_after->>'qty' FROM table_conflict ORDER BY 1";
            two.assertSame(log, "name|\"b\"|\"a\"|values|15", "qty|\"20\"|\"15\"|values|15");
            // What each showed before it knew of the other's.
            String before = "SELECT DISTINCT row_before->>'qty' FROM table_conflict";
            assertThat(two.a.ask(before)).isEqualTo("15");
            assertThat(two.b.ask(before)).isEqualTo("20");
            // Whoever writes next has seen both.
            two.b.run("UPDATE stock SET qty = 1, name = 'c' WHERE sku = 's1'");
            two.converge();
            two.assertSame(ALL, "s1|c|1|2.00", "s2|soap|null|3.00");
            assertThat(two.a.ask("SELECT conflicts FROM document WHERE id = 's1'"))
                    .isEqualTo("null");
        }
    }

    @Test
    void a_row_that_was_changed_elsewhere_survives_its_delete_whole(EmbeddedDatabase server)
            throws Exception {
        try (Two two = stock(server)) {
            two.a.run("DELETE FROM stock WHERE sku = 's1'");
            two.b.run("UPDATE stock SET qty = 77 WHERE sku = 's1'");
            two.converge();
            two.assertSame(ALL, "s1|salt|77|2.00", "s2|soap|null|3.00");
            assertThat(two.a.rows("SELECT field, lost, what FROM table_conflict"))
                    .containsExactly("qty|\"77\"|revived");
            // A delete that saw the change holds.
            two.a.run("DELETE FROM stock WHERE sku = 's1'");
            two.converge();
            two.assertSame(ALL, "s2|soap|null|3.00");
        }
    }

    @Test
    void a_row_made_whole_is_whole_past_a_delete_that_has_seen_but_what_brought_it_back(
            EmbeddedDatabase server) throws Exception {
        try (Two two = stock(server)) {
            two.a.run("DELETE FROM stock WHERE sku = 's1'");
            two.b.run("UPDATE stock SET qty = 77 WHERE sku = 's1'");
            two.a.settle();
            two.b.settle();
            two.b.tell(two.a);
            two.a.tell(two.b);
            // Here b writes again what the delete took, and a does not hear of that.
            two.b.settle();
            two.a.settle();
            two.a.run("INSERT INTO stock VALUES ('s1', 'sugar', 5, 5)");
            two.a.settle();
            two.a.run("DELETE FROM stock WHERE sku = 's1'");
            two.converge();
            two.assertSame(ALL, "s1|salt|77|2.00", "s2|soap|null|3.00");
        }
    }

    @Test
    void what_brings_a_row_back_is_not_written_over_by_who_makes_it_whole(EmbeddedDatabase server)
            throws Exception {
        try (Two two = stock(server);
                TableRegion c = new TableRegion(server, "c", named("public.stock"), STOCK)) {
            TableRegion.converge(two.a, two.b, c);
            two.a.run("DELETE FROM stock WHERE sku = 's1'");
            c.run("UPDATE stock SET qty = 77 WHERE sku = 's1'");
            two.a.settle();
            c.settle();
            two.a.tell(two.b);
            c.tell(two.b);
            // Hears of both at once, and has the row with what was in it before.
            two.b.settle();
            TableRegion.converge(two.a, two.b, c);
            two.assertSame(ALL, "s1|salt|77|2.00", "s2|soap|null|3.00");
            assertThat(two.b.rows("SELECT field, what FROM table_conflict WHERE what = 'values'"))
                    .isEmpty();
        }
    }

    @Test
    void a_row_that_both_delete_is_gone_though_one_had_changed_it(EmbeddedDatabase server)
            throws Exception {
        try (Two two = stock(server)) {
            two.b().run("UPDATE stock SET qty = 77 WHERE sku = 's1'");
            two.b().settle();
            two.a().run("DELETE FROM stock WHERE sku = 's1'");
            two.a().settle();
            two.a().tell(two.b());
            // What the delete left of the document has not been looked at yet.
            two.b().run("DELETE FROM stock WHERE sku = 's1'");
            two.converge();
            two.assertSame(ALL, "s2|soap|null|3.00");
            assertThat(two.a().ask("SELECT count(*) FROM document")).isEqualTo("1");
        }
    }

    @Test
    void where_a_delete_wins_the_row_goes_and_what_was_written_is_logged(EmbeddedDatabase server)
            throws Exception {
        List<TableSettings> settings =
                List.of(new TableSettings("public.stock", "tables", OnDelete.DELETE_WINS));
        try (Two two = Two.of(server, settings, STOCK)) {
            two.a.run("INSERT INTO stock VALUES ('s1', 'salt', 10, 2.00)");
            two.converge();
            two.a.run("DELETE FROM stock WHERE sku = 's1'");
            two.b.run("UPDATE stock SET qty = 77 WHERE sku = 's1'");
            two.converge();
            two.assertSame(ALL);
            two.assertSame(
                    "SELECT field, lost, what, row_after FROM table_conflict",
                    "qty|\"77\"|deleted|null");
            assertThat(two.b.ask("SELECT row_before->>'name' FROM table_conflict"))
                    .isEqualTo("salt");
            two.b.run("INSERT INTO stock VALUES ('s1', 'new salt', 1, 1)");
            two.converge();
            two.assertSame(ALL, "s1|new salt|1|1.00");
        }
    }

    @Test
    void a_changed_key_is_a_row_less_and_a_row_more(EmbeddedDatabase server) throws Exception {
        try (Two two = stock(server)) {
            two.a.run("UPDATE stock SET sku = 's9' WHERE sku = 's1'");
            two.converge();
            two.assertSame(ALL, "s2|soap|null|3.00", "s9|salt|10|2.00");
        }
    }

    @Test
    void a_truncated_table_is_empty_elsewhere(EmbeddedDatabase server) throws Exception {
        try (Two two = stock(server)) {
            two.a.run("TRUNCATE stock", "INSERT INTO stock VALUES ('s3', 'sand', 1, 1)");
            two.converge();
            two.assertSame(ALL, "s3|sand|1|1.00");
        }
    }

    @Test
    void what_is_rolled_back_or_changes_nothing_is_not_told(EmbeddedDatabase server)
            throws Exception {
        try (Two two = stock(server)) {
            String head = two.a.ask("SELECT number FROM scope");
            two.a.run("UPDATE stock SET qty = 10 WHERE sku = 's1'");
            assertThatThrownBy(() -> two.a.run("UPDATE stock SET qty = 99", "SELECT 1 / 0"))
                    .isInstanceOf(SQLException.class);
            assertThat(two.a.ask("SELECT count(*) FROM table_change")).isEqualTo("0");
            two.converge();
            assertThat(two.a.ask("SELECT number FROM scope")).isEqualTo(head);
        }
    }
}
