package dev.holdfast.region.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Value;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.replica.Change;
import dev.holdfast.node.settings.SettingsException;
import dev.holdfast.region.RealServices;
import dev.holdfast.region.TestAuthor;
import dev.holdfast.region.database.DatabaseException;
import dev.holdfast.region.database.EmbeddedDatabase;
import dev.holdfast.region.store.StoreException;
import dev.holdfast.region.tables.TablesTest.Two;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Values, constraints, migrations, races and crashes that a mirrored table meets. */
@ExtendWith(RealServices.class)
final class TableFaultsTest {
    @Test
    void every_type_comes_back_as_it_was(EmbeddedDatabase server) throws Exception {
        String ddl =
                """
                CREATE TYPE mood AS ENUM ('glad', 'so, "so"');
                CREATE TYPE pair AS (x int, y text);
                CREATE DOMAIN small AS numeric CHECK (value < 1000);
                CREATE TABLE kinds (id uuid PRIMARY KEY, n numeric, f8 float8, f4 float4, t text,
                    c char(5), v varchar(9), b bytea, ts timestamp, tz timestamptz, d date,
                    ti timetz, i interval, j json, jb jsonb, bo boolean, a text[], a2 int[][],
                    m mood, p pair, r int4range, inet inet, bits bit(3), s small,
                    twice numeric GENERATED ALWAYS AS (n * 2) STORED, tv tsvector, x xml, big bigint)\
                """;
        try (Two two = Two.of(server, TablesTest.named("public.kinds"), ddl)) {
            // Another session's habits are not to matter.
            two.a()
                    .run(
                            "SET timezone = 'Asia/Jakarta'",
                            "SET intervalstyle = 'iso_8601'",
                            "SET extra_float_digits = 0",
                            "SET bytea_output = 'escape'",
                            """
                            INSERT INTO kinds VALUES ('00000000-0000-0000-0000-00000000000a', 1.10,
                                0.1::float8 + 0.2, 1e-7, E'tab\\t "quote" \\\\ ''é\\n', 'ab', '',
                                '\\x00ff5c', '2024-02-29 12:00:00.123456', '2024-02-29 23:59:59.9+14',
                                '0044-03-15 BC', '12:00+05:30', '1 year -2 mons 3.5 s',
                                '{"b":1,  "a":1.0, "a":2}', '{"b":1.10, "a":null}', true,
                                ARRAY['a,b', NULL, '', '"', 'NULL'], '[2:3][0:0]={{1},{2}}', 'so, "so"',
                                ROW(NULL, 'a "b"'), '[1,5)', '10.0.0.1/8', B'101', 999.90, DEFAULT,
                                'a fat cat', '<a>&amp;</a>', 9223372036854775807)\
                            """,
                            """
                            INSERT INTO kinds (id, n, f8, tz, d) VALUES
                                ('00000000-0000-0000-0000-00000000000b', 'NaN', '-Infinity',
                                'infinity', '-infinity')\
                            """);
            two.converge();
            // Compared as the images of the rows, not as what they are written like.
            String image = "SELECT encode(record_send(k), 'hex') FROM kinds k ORDER BY id";
            assertThat(bytes(two.b().rows(image))).isEqualTo(bytes(two.a().rows(image)));
            two.b().run("UPDATE kinds SET t = NULL, n = 1.100, jb = NULL, big = -1");
            two.converge();
            assertThat(bytes(two.b().rows(image))).isEqualTo(bytes(two.a().rows(image)));
            assertThat(two.a().rows("SELECT n, t, twice FROM kinds ORDER BY id"))
                    .containsExactly("1.100|null|2.200", "1.100|null|2.200");
        }
    }

    /** Of each column what PostgreSQL sends, without the number of its type, which is its own. */
    private static List<List<String>> bytes(List<String> rows) {
        List<List<String>> all = new ArrayList<>();
        for (String row : rows) {
            ByteBuffer sent = ByteBuffer.wrap(HexFormat.of().parseHex(row));
            List<String> columns = new ArrayList<>();
            for (int left = sent.getInt(); left > 0; left--) {
                sent.getInt();
                int length = sent.getInt();
                byte[] value = new byte[Math.max(0, length)];
                sent.get(value);
                columns.add(length < 0 ? "null" : HexFormat.of().formatHex(value));
            }
            all.add(columns);
        }
        assertThat(all).hasSize(2).allSatisfy(columns -> assertThat(columns).hasSize(28));
        return all;
    }

    @Test
    void keys_of_several_columns_and_of_any_characters_are_told_apart(EmbeddedDatabase server)
            throws Exception {
        String ddl = "CREATE TABLE pairs (\"B, b\" text, a text, PRIMARY KEY (\"B, b\", a))";
        try (Two two = Two.of(server, TablesTest.named("public.pairs"), ddl)) {
            two.a()
                    .run(
                            "INSERT INTO pairs VALUES ('a,b', 'c'), ('a', 'b,c'), ('', 'x'), ('x',"
                                    + " ''), ('\\', ','), (E'new\\nline', E'\\u00e9\\u0007')");
            two.converge();
            String all = "SELECT * FROM pairs ORDER BY 1, 2";
            assertThat(two.b().rows(all)).hasSize(6).isEqualTo(two.a().rows(all));
            two.b().run("DELETE FROM pairs WHERE a = 'b,c'");
            two.converge();
            assertThat(two.a().rows(all)).hasSize(5).isEqualTo(two.b().rows(all));
        }
    }

    @Test
    void a_value_or_key_that_no_document_carries_is_noted_and_stays_here(EmbeddedDatabase server)
            throws Exception {
        try (Two two =
                Two.of(
                        server,
                        TablesTest.named("public.t"),
                        "CREATE TABLE t (k text PRIMARY KEY, v text, n int)")) {
            two.a()
                    .run(
                            "INSERT INTO t VALUES ('large', repeat('x', 600000), 1), ('plain', 'v', 1),"
                                    + " (repeat('k', 300), 'v', 1)",
                            // Together more than one batch takes.
                            "INSERT INTO t SELECT 'm' || i, repeat('y', 400000), i FROM"
                                    + " generate_series(1, 6) i");
            two.converge();
            assertThat(two.a().rows("SELECT field, reason FROM table_refused ORDER BY field"))
                    .containsExactly(
                            "|its key is over 256 bytes, and has no document",
                            "v|its value is over 524272 bytes");
            assertThat(two.b().rows("SELECT k, length(v), n FROM t ORDER BY k"))
                    .contains("large|null|1", "plain|1|1", "m1|400000|1", "m6|400000|6");
            // A change of another column from elsewhere leaves it alone.
            two.b().run("UPDATE t SET n = 2 WHERE k = 'large'");
            two.converge();
            assertThat(two.a().rows("SELECT length(v), n FROM t WHERE k = 'large'"))
                    .containsExactly("600000|2");
            two.a().run("UPDATE t SET v = 'short' WHERE k = 'large'");
            two.converge();
            assertThat(two.b().rows("SELECT v, n FROM t WHERE k = 'large'"))
                    .containsExactly("short|2");
            // What is no longer so is not said any longer.
            two.a().run("DELETE FROM t WHERE length(k) = 300");
            two.a().settle();
            assertThat(two.a().ask("SELECT count(*) FROM table_refused")).isEqualTo("0");
        }
    }

    @Test
    void what_cannot_be_mirrored_is_refused_with_all_reasons(EmbeddedDatabase server)
            throws Exception {
        String ddl =
                """
                CREATE TABLE fine (id int PRIMARY KEY);
                CREATE TABLE keyless (id int UNIQUE NOT NULL, price money, "a.b" int);
                CREATE TABLE later (id int PRIMARY KEY DEFERRABLE);
                CREATE TABLE floating (id float8 PRIMARY KEY);
                CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
                CREATE VIEW seen AS SELECT * FROM fine;
                CREATE UNLOGGED TABLE light (id int PRIMARY KEY);
                CREATE TABLE made (n int, id int GENERATED ALWAYS AS (n + 1) STORED PRIMARY KEY)\
                """;
        try (TableRegion region =
                new TableRegion(server, "refusing", TablesTest.named("public.fine"), ddl)) {
            assertThatThrownBy(() ->
                            region.start(
                                    TablesTest.named(
                                            "public.fine",
                                            "public.missing",
                                            "public.keyless",
                                            "public.later",
                                            "public.floating",
                                            "public.parts",
                                            "public.seen",
                                            "public.light",
                                            "public.made")))
                    .isInstanceOfSatisfying(
                            SettingsException.class,
                            e -> {
                                List<String> problems = e.problems();
                                assertThat(problems).hasSize(8);
                                assertThat(problems.get(0))
                                        .contains("public.missing", "create it first");
                                assertThat(problems.get(1))
                                        .contains(
                                                "no primary key",
                                                "the column price is of type money",
                                                "the column a.b has a dot");
                                assertThat(problems.get(2))
                                        .contains("no primary key that is checked at once");
                                assertThat(problems.get(3)).contains("equal values can be written");
                                assertThat(problems.get(4)).contains("not a plain table");
                                assertThat(problems.get(5)).contains("not a plain table");
                                assertThat(problems.get(6)).contains("SET LOGGED");
                                assertThat(problems.get(7)).contains("the column id is generated");
                            });
        }
    }

    @Test
    void a_table_of_another_user_without_rights_to_it_is_refused(EmbeddedDatabase server)
            throws Exception {
        String ddl =
                """
                CREATE TABLE theirs (id int PRIMARY KEY);
                DO $$ BEGIN CREATE ROLE tables_weak; EXCEPTION WHEN duplicate_object THEN END $$;
                GRANT SELECT, INSERT ON theirs TO tables_weak\
                """;
        try (TableRegion region = new TableRegion(server, "weak", List.of(), ddl);
                Connection connection = region.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET ROLE tables_weak");
            assertThatThrownBy(() ->
                            TableShape.look(
                                    new dev.holdfast.region.store.Sql(connection),
                                    TablesTest.named("public.theirs").getFirst()))
                    .isInstanceOf(TableRefusedException.class)
                    .hasMessageContaining("GRANT UPDATE, DELETE, TRIGGER ON it");
        }
    }

    @Test
    void a_row_that_a_constraint_refuses_is_put_aside_and_written_when_it_can_be(
            EmbeddedDatabase server) throws Exception {
        String parents = "CREATE TABLE parent (id int PRIMARY KEY, code text UNIQUE)";
        String children =
                "CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent, n int CHECK"
                        + " (n < 10))";
        try (Two two =
                Two.of(
                        server,
                        TablesTest.named("public.child", "public.parent"),
                        parents + ";" + children)) {
            // The child's documents come first.
            two.a()
                    .run(
                            "INSERT INTO parent VALUES (1, 'one')",
                            "INSERT INTO child VALUES (1, 1, 1)");
            two.converge();
            await(two, two.b(), "SELECT * FROM child", "1|1|1");
            // Two with one code, each alone in its region.
            two.a().run("INSERT INTO parent VALUES (2, 'same')");
            two.b()
                    .run(
                            "INSERT INTO parent VALUES (3, 'same')",
                            "INSERT INTO child VALUES (2, 3, 5)");
            two.converge();
            assertThat(two.a().rows("SELECT id FROM parent ORDER BY id")).containsExactly("1", "2");
            assertThat(two.b().rows("SELECT id FROM parent ORDER BY id")).containsExactly("1", "3");
            assertThat(
                            two.a()
                                    .rows(
                                            "SELECT collection, id FROM table_due WHERE reason LIKE '%' ORDER BY 1"))
                    .containsExactly("public.child|2", "public.parent|3");
            assertThat(
                            two.a()
                                    .ask(
                                            "SELECT reason FROM table_due WHERE collection = 'public.parent'"))
                    .contains("parent_code_key");
            // Neither is lost, and whoever settles it, anywhere, settles it for all.
            two.b().run("UPDATE parent SET code = 'other' WHERE id = 3");
            two.converge();
            await(two, two.a(), "SELECT * FROM parent ORDER BY id", "1|one", "2|same", "3|other");
            await(two, two.a(), "SELECT * FROM child ORDER BY id", "1|1|1", "2|3|5");
            await(two, two.b(), "SELECT * FROM parent ORDER BY id", "1|one", "2|same", "3|other");
        }
    }

    private static void await(Two two, TableRegion region, String sql, String... rows)
            throws Exception {
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (!region.rows(sql).equals(List.of(rows)) && System.nanoTime() < deadline) {
            two.converge();
            Thread.sleep(20);
        }
        assertThat(region.rows(sql)).containsExactly(rows);
    }

    @Test
    void unique_values_that_are_swapped_in_one_transaction_are_swapped_elsewhere(
            EmbeddedDatabase server) throws Exception {
        String ddl = "CREATE TABLE t (id int PRIMARY KEY, u int UNIQUE DEFERRABLE)";
        try (Two two = Two.of(server, TablesTest.named("public.t"), ddl)) {
            two.a().run("INSERT INTO t VALUES (1, 1), (2, 2)");
            two.converge();
            two.a().run("UPDATE t SET u = 3 - u");
            two.converge();
            two.assertSame("SELECT * FROM t ORDER BY id", "1|2", "2|1");
        }
    }

    @Test
    void a_column_that_is_there_in_one_region_only_waits_for_it(EmbeddedDatabase server)
            throws Exception {
        String ddl = "CREATE TABLE t (id int PRIMARY KEY, v text, gone int)";
        try (Two two = Two.of(server, TablesTest.named("public.t"), ddl)) {
            two.a().run("INSERT INTO t VALUES (1, 'one', 1), (2, 'two', 2)");
            two.converge();
            two.a().run("ALTER TABLE t ADD COLUMN extra int DEFAULT 5, DROP COLUMN gone");
            two.a().start();
            two.a()
                    .run(
                            "UPDATE t SET extra = 6, v = 'ONE' WHERE id = 1",
                            "INSERT INTO t VALUES (3, 'three', 7)");
            two.converge();
            assertThat(two.b().rows("SELECT * FROM t ORDER BY id"))
                    .containsExactly("1|ONE|1", "2|two|2", "3|three|null");
            // A change there in between is not to undo what is not seen there.
            two.b().run("ALTER TABLE t ADD COLUMN extra int DEFAULT 5");
            two.b().run("UPDATE t SET v = 'uno' WHERE id = 1");
            two.b().start();
            two.converge();
            assertThat(two.b().rows("SELECT id, v, extra FROM t ORDER BY id"))
                    .containsExactly("1|uno|6", "2|two|5", "3|three|7")
                    .isEqualTo(two.a().rows("SELECT id, v, extra FROM t ORDER BY id"));
            assertThat(two.b().ask("SELECT count(*) FROM table_conflict")).isEqualTo("0");
        }
    }

    @Test
    void what_was_there_before_is_taken_in_and_what_differs_is_logged(EmbeddedDatabase server)
            throws Exception {
        String ddl =
                "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT i, 'v' || i FROM"
                        + " generate_series(1, 2500) i";
        try (Two two = Two.of(server, TablesTest.named("public.t"), ddl)) {
            two.a().run("UPDATE t SET v = 'a' WHERE id = 7", "DELETE FROM t WHERE id = 8");
            two.b().run("UPDATE t SET v = 'b' WHERE id = 7");
            // Ends in the middle of it, and begins again.
            for (int i = 0; i < 3; i++) two.a().round();
            two.a().start();
            two.converge();
            String all = "SELECT md5(string_agg(t::text, ',' ORDER BY id)), count(*) FROM t";
            assertThat(two.b().rows(all)).isEqualTo(two.a().rows(all));
            assertThat(two.a().ask(all)).endsWith("|2500");
            two.assertSame(
                    "SELECT id, field, lost, kept FROM table_conflict",
                    String.valueOf(
                            two.a().ask("SELECT id, field, lost, kept FROM table_conflict")));
            assertThat(two.a().ask("SELECT id, field FROM table_conflict")).isEqualTo("7|v");
        }
    }

    @Test
    void a_table_named_later_gets_its_rows_from_the_documents(EmbeddedDatabase server)
            throws Exception {
        String ddl = "CREATE TABLE t (id int PRIMARY KEY, v text)";
        try (Two two = Two.of(server, TablesTest.named("public.t"), ddl)) {
            two.b().start(List.of());
            assertThat(two.b().ask("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'holdfast%'"))
                    .isEqualTo("0");
            two.a().run("INSERT INTO t VALUES (1, 'a'), (2, 'a')");
            two.b().run("INSERT INTO t VALUES (2, 'b'), (3, 'b')");
            two.a().settle();
            two.a().tell(two.b());
            assertThat(two.b().rows("SELECT * FROM t ORDER BY 1")).containsExactly("2|b", "3|b");
            two.b().start();
            two.converge();
            assertThat(two.a().rows("SELECT id FROM t ORDER BY 1")).containsExactly("1", "2", "3");
            two.assertSame("SELECT * FROM t WHERE id <> 2 ORDER BY 1", "1|a", "3|b");
            assertThat(two.a().ask("SELECT id FROM table_conflict")).isEqualTo("2");
        }
    }

    @Test
    void a_row_that_the_application_holds_is_not_written_over_unseen(EmbeddedDatabase server)
            throws Exception {
        String ddl = "CREATE TABLE t (id int PRIMARY KEY, v text, n int)";
        try (Two two = Two.of(server, TablesTest.named("public.t"), ddl);
                Connection open = two.b().connect();
                Statement held = open.createStatement()) {
            two.a().run("INSERT INTO t VALUES (1, 'one', 1)");
            two.converge();
            open.setAutoCommit(false);
            held.execute("UPDATE t SET v = 'held' WHERE id = 1");
            held.execute("INSERT INTO t VALUES (2, 'held', 2)");
            two.a()
                    .run(
                            "UPDATE t SET v = 'a', n = 5 WHERE id = 1",
                            "INSERT INTO t VALUES (2, 'a', 9), (3, 'a', 3)");
            two.a().settle();
            two.a().tell(two.b());
            // Others go on meanwhile.
            while (two.b().round()) {}
            assertThat(two.b().rows("SELECT * FROM t ORDER BY id"))
                    .containsExactly("1|one|1", "3|a|3");
            open.commit();
            two.converge();
            String all = "SELECT * FROM t ORDER BY id";
            assertThat(two.b().rows(all)).isEqualTo(two.a().rows(all));
            assertThat(two.a().rows("SELECT DISTINCT id, field FROM table_conflict ORDER BY 1, 2"))
                    .containsExactly("1|v", "2|n", "2|v");
        }
    }

    @Test
    void what_was_authored_when_the_database_was_lost_is_authored_once(EmbeddedDatabase server)
            throws Exception {
        String ddl = "CREATE TABLE t (id int PRIMARY KEY, v text)";
        try (Two two = Two.of(server, TablesTest.named("public.t"), ddl)) {
            two.converge();
            two.a().run("INSERT INTO t SELECT i, 'v' FROM generate_series(1, 20) i");
            boolean[] killed = {false};
            two.a().witness =
                    batch -> {
                        if (killed[0]) return;
                        killed[0] = true;
                        // After the batch is sealed, before its transaction ends.
                        kill(two.a());
                    };
            assertThatThrownBy(() -> two.a().round()).isInstanceOf(StoreException.class);
            assertThat(killed).containsExactly(true);
            assertThat(two.a().ask("SELECT count(*) FROM table_change")).isEqualTo("20");
            assertThat(two.a().ask("SELECT count(*) FROM operation")).isEqualTo("0");
            startAgain(two.a());
            two.converge();
            assertThat(two.a().ask("SELECT count(*) FROM operation")).isEqualTo("20");
            assertThat(two.b().ask("SELECT count(*) FROM t")).isEqualTo("20");
        }
    }

    @Test
    void a_document_that_is_made_anew_brings_its_row_along(EmbeddedDatabase server)
            throws Exception {
        String ddl = "CREATE TABLE t (id int PRIMARY KEY, v text)";
        try (Two two = Two.of(server, TablesTest.named("public.t"), ddl)) {
            two.a().run("INSERT INTO t VALUES (1, 'old'), (2, 'whole')");
            two.converge();
            two.a().run("CREATE TABLE kept AS SELECT * FROM document");
            two.b().run("UPDATE t SET v = 'new' WHERE id = 1");
            two.converge();
            // As from a backup of some tables and not of others; and what is no document.
            two.a()
                    .run(
                            "SET LOCAL session_replication_role = replica",
                            "UPDATE document d SET state = k.state, fields = k.fields FROM kept k"
                                    + " WHERE d.id = k.id",
                            "UPDATE t SET v = 'old' WHERE id = 1",
                            "UPDATE document SET state = '\\xdeadbeef' WHERE id = '2'");
            two.a().mend("1", "2");
            two.converge();
            two.assertSame("SELECT * FROM t ORDER BY id", "1|new", "2|whole");
            assertThat(two.a().ask("SELECT count(*) FROM table_conflict")).isEqualTo("0");
            assertThat(two.a().ask("SELECT count(*) FROM operation WHERE id = '1'"))
                    .as("what the row showed was seen: nobody wrote it")
                    .isEqualTo("2");
        }
    }

    /** The pool learns of each connection by itself that it is gone. */
    private static void startAgain(TableRegion region) {
        for (int attempt = 1; ; attempt++) {
            try {
                region.start();
                return;
            } catch (DatabaseException e) {
                if (attempt == 10) throw e;
            }
        }
    }

    private static void kill(TableRegion region) {
        try (Connection connection = region.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ="
                            + " current_database() AND application_name = 'holdfast-region'");
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_trigger_that_was_switched_off_or_a_table_made_anew_deletes_nothing_elsewhere(
            EmbeddedDatabase server) throws Exception {
        String ddl = "CREATE TABLE t (id int PRIMARY KEY, v text)";
        try (Two two = Two.of(server, TablesTest.named("public.t"), ddl)) {
            two.a().run("INSERT INTO t VALUES (1, 'a'), (2, 'b')");
            two.converge();
            two.a().run("ALTER TABLE t DISABLE TRIGGER holdfast_rows");
            two.a().run("UPDATE t SET v = 'unheard' WHERE id = 1", "DELETE FROM t WHERE id = 2");
            two.converge();
            two.a().start();
            two.converge();
            two.assertSame("SELECT * FROM t ORDER BY id", "1|unheard", "2|b");
            two.a().run("DROP TABLE t", ddl);
            two.b().run("UPDATE t SET v = 'c' WHERE id = 2");
            two.b().settle();
            two.b().tell(two.a());
            two.converge();
            two.assertSame("SELECT * FROM t ORDER BY id", "1|unheard", "2|c");
        }
    }

    @Test
    void triggers_of_the_application_can_tell_and_their_changes_are_told_too(
            EmbeddedDatabase server) throws Exception {
        String ddl =
                """
                CREATE TABLE t (id int PRIMARY KEY, v text, version int NOT NULL DEFAULT 0);
                CREATE TABLE log (id text PRIMARY KEY);
                CREATE FUNCTION counting() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF coalesce(current_setting('holdfast.merging', true), '') = '' THEN
                        NEW.version := OLD.version + 1;
                        INSERT INTO log VALUES (NEW.id || '-' || NEW.version);
                    END IF;
                    RETURN NEW;
                END $$;
                CREATE TRIGGER counted BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION counting()\
                """;
        try (Two two = Two.of(server, TablesTest.named("public.t", "public.log"), ddl)) {
            two.a().run("INSERT INTO t VALUES (1, 'a')");
            two.converge();
            two.a().run("UPDATE t SET v = 'b'");
            two.converge();
            two.b().run("UPDATE t SET v = 'c'");
            two.converge();
            two.assertSame("SELECT * FROM t", "1|c|2");
            two.assertSame("SELECT * FROM log ORDER BY 1", "1-1", "1-2");
        }
    }

    @Test
    void rows_that_a_foreign_key_takes_along_are_gone_everywhere(EmbeddedDatabase server)
            throws Exception {
        String ddl =
                "CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (id int PRIMARY KEY,"
                        + " parent int REFERENCES parent ON DELETE CASCADE)";
        try (Two two = Two.of(server, TablesTest.named("public.parent", "public.child"), ddl)) {
            two.a().run("INSERT INTO parent VALUES (1)", "INSERT INTO child VALUES (1, 1), (2, 1)");
            two.converge();
            await(two, two.b(), "SELECT id FROM child ORDER BY 1", "1", "2");
            two.b().run("DELETE FROM parent");
            two.converge();
            two.assertSame("SELECT * FROM child");
            two.assertSame("SELECT * FROM parent");
        }
    }

    @Test
    void a_document_of_anybody_is_a_row_where_it_can_be_one(EmbeddedDatabase server)
            throws Exception {
        String ddl = "CREATE TABLE t (id int PRIMARY KEY, v text, n numeric, b boolean, j jsonb)";
        try (Two two = Two.of(server, TablesTest.named("public.t"), ddl)) {
            TestAuthor device = new TestAuthor("tables", "device");
            device.nowMillis = System.currentTimeMillis();
            for (String id : List.of("1", "02", "no number", "3,4"))
                two.a()
                        .receive(
                                device.write(
                                        "public.t",
                                        id,
                                        new Change.Put("id", Value.of(1)),
                                        new Change.Put("n", Value.number(1.5)),
                                        new Change.Put("b", Value.TRUE),
                                        new Change.Put("j.a", Value.of(7))),
                                device.grant);
            two.converge();
            two.assertSame("SELECT * FROM t", "1|null|1.5|t|{\"a\": 7}");
            for (TableRegion region : List.of(two.a(), two.b()))
                assertThat(region.rows("SELECT id FROM table_due WHERE tries > 0 ORDER BY id"))
                        .containsExactly("02", "3,4", "no number");
        }
    }

    @Test
    void a_row_is_whole_but_where_a_document_is_made_anew(EmbeddedDatabase server)
            throws Exception {
        String ddl = "CREATE TABLE t (id int PRIMARY KEY, v text DEFAULT 'none', n int)";
        try (Two two = Two.of(server, TablesTest.named("public.t"), ddl)) {
            TestAuthor device = new TestAuthor("tables", "device");
            device.nowMillis = System.currentTimeMillis();
            for (int id = 1; id <= 2; id++) {
                Batch row =
                        device.write(
                                "public.t",
                                String.valueOf(id),
                                new Change.Put("id", Value.of(id)),
                                new Change.Put("v", Value.of("salt")),
                                new Change.Put("n", Value.of(7)));
                two.a().receive(row, device.grant);
            }
            two.converge();
            for (Batch batch :
                    List.of(
                            device.write("public.t", "1", new Change.Unset("v")),
                            device.write("public.t", "2", new Change.Delete()),
                            device.write(
                                    "public.t",
                                    "2",
                                    new Change.Put("id", Value.of(2)),
                                    new Change.Put("n", Value.of(8)))))
                two.a().receive(batch, device.grant);
            two.converge();
            two.assertSame("SELECT * FROM t ORDER BY 1", "1|salt|7", "2|none|8");
        }
    }
}
