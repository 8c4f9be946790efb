package dev.holdfast.region.tables;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.core.replica.FeedItem;
import dev.holdfast.core.replica.Granted;
import dev.holdfast.core.schema.Schema;
import dev.holdfast.core.sync.Session;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.region.TestAuthor;
import dev.holdfast.region.database.Database;
import dev.holdfast.region.database.DatabaseAddress;
import dev.holdfast.region.database.EmbeddedDatabase;
import dev.holdfast.region.ingest.LogEntry;
import dev.holdfast.region.store.Mending;
import dev.holdfast.region.store.RegionAuthor;
import dev.holdfast.region.store.RegionStore;
import dev.holdfast.region.store.TableScopes;
import dev.holdfast.region.worker.Worker;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A region without log, links and threads: a database of its own on a real server, the
 * application's tables in it, and what keeps those and the documents the same. What two of them
 * tell each other is handed over when the test says so.
 */
final class TableRegion implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    final String name;
    final DatabaseAddress address;
    final List<TableSettings> settings;

    /** Asked before each transaction that authored something is committed. */
    Consumer<Batch> witness = batch -> {};

    long nowMillis = System.currentTimeMillis();
    private final ReplicaKey key;
    private final Database database;
    private final Connection application;
    private final Map<TableRegion, Map<String, Long>> given = new HashMap<>();
    RegionStore store;
    private RegionAuthor author;
    private Worker worker;
    private Mending mending;
    private List<TableWork> work = List.of();

    /**
     * @param ddl what the application made before its tables were named
     */
    TableRegion(EmbeddedDatabase server, String name, List<TableSettings> settings, String ddl)
            throws SQLException {
        this.name = name;
        this.settings = settings;
        String own = "tables_" + name + "_" + COUNT.incrementAndGet();
        try (Connection connection = connect(server.address());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + own);
        }
        String url = server.address().url().replaceFirst("/[^/?]*(\\?|$)", "/" + own + "$1");
        address = new DatabaseAddress(url, server.address().user(), server.address().password());
        application = connect(address);
        key = TestAuthor.key("tables-" + name);
        run(ddl);
        database = Database.open(address, 4);
        store = new RegionStore(database, Schema.EMPTY);
        author = author(Schema.EMPTY);
        worker = new Worker(store, author, new Worker.Settings(500, false));
        mending = new Mending(database, Schema.EMPTY, TableScopes.NONE);
        start();
    }

    /** As a process does when it starts, after another one ended. */
    void start() {
        start(settings);
    }

    void start(List<TableSettings> named) {
        MirroredTables tables = MirroredTables.open(database, named);
        Schema schema = tables.in(Schema.EMPTY);
        store = new RegionStore(database, schema, tables.scopes());
        author = author(schema);
        worker = new Worker(store, author, new Worker.Settings(500, false));
        mending = new Mending(database, schema, tables.scopes());
        work =
                named.stream()
                        .map(table -> new TableWork(table, store, author, news -> {}))
                        .toList();
    }

    private RegionAuthor author(Schema schema) {
        return new RegionAuthor(
                TestAuthor.grant(key, Grant.Role.REGION),
                key::sign,
                schema,
                batch -> witness.accept(batch));
    }

    // The application.

    /** Statements of the application, in one transaction. */
    void run(String... statements) throws SQLException {
        application.setAutoCommit(false);
        try (Statement statement = application.createStatement()) {
            for (String sql : statements) statement.execute(sql);
            application.commit();
        } catch (SQLException e) {
            application.rollback();
            throw e;
        } finally {
            application.setAutoCommit(true);
        }
    }

    /** One that no transaction can hold. */
    void execute(String sql) throws SQLException {
        try (Statement statement = application.createStatement()) {
            statement.execute(sql);
        }
    }

    /** How another server comes in. */
    String conninfo() throws SQLException {
        URI uri = URI.create(address.url().substring("jdbc:".length()));
        return "host=%s port=%d dbname=%s user=%s password=%s"
                .formatted(
                        uri.getHost(),
                        uri.getPort(),
                        ask("SELECT current_database()"),
                        address.user(),
                        address.password());
    }

    /** A connection of the application's own, to be closed. */
    Connection connect() throws SQLException {
        return connect(address);
    }

    private static Connection connect(DatabaseAddress address) throws SQLException {
        return DriverManager.getConnection(address.url(), address.user(), address.password());
    }

    /** Rows of an answer, the columns separated by a bar. */
    List<String> rows(String sql) throws SQLException {
        try (Statement statement = application.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            List<String> all = new ArrayList<>();
            int columns = row.getMetaData().getColumnCount();
            while (row.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= columns; i++) values.add(String.valueOf(row.getString(i)));
                all.add(String.join("|", values));
            }
            return all;
        }
    }

    @Nullable String ask(String sql) throws SQLException {
        List<String> rows = rows(sql);
        return rows.isEmpty() ? null : rows.getFirst();
    }

    // The region.

    /** One round for each table; answers whether anything was done. */
    boolean round() {
        boolean worked = false;
        for (TableWork table : work) worked |= table.round(nowMillis);
        return worked;
    }

    /** Until rows and documents are the same, but for what is put aside. */
    void settle() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (true) {
            if (round()) continue;
            boolean rest =
                    "0"
                            .equals(
                                    ask(
                                            """
                                            SELECT (SELECT count(*) FROM table_change)
                                                + (SELECT count(*) FROM table_due WHERE tries = 0)
                                                + (SELECT count(*) FROM table_mirrored WHERE phase <> 'done')\
                                            """));
            if (rest) return;
            assertThat(System.nanoTime()).as("%s does not come to rest", name).isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    /** Gives what is new in the feeds of this region to another one's worker. */
    void tell(TableRegion other) {
        Map<String, Long> places = given.computeIfAbsent(other, none -> new HashMap<>());
        for (String scope : settings.stream().map(TableSettings::scope).distinct().toList()) {
            List<FeedItem> items =
                    store.read(t -> t.feedAfter(scope, places.getOrDefault(scope, 0L), 64 << 20));
            if (items.isEmpty()) continue;
            for (FeedItem item : items) {
                Batch batch = item.batch();
                other.receive(
                        batch, Objects.requireNonNull(store.read(t -> t.grant(batch.author()))));
            }
            places.put(scope, items.getLast().head().number());
        }
    }

    /** As from the log. */
    void receive(Batch batch, SignedGrant grant) {
        Session.Action.Keep keep =
                new Session.Action.Keep(
                        1,
                        batch.scope(),
                        List.of(batch),
                        Map.of(batch.author(), Granted.of(grant)),
                        Map.of());
        Worker.Step step =
                worker.step(
                        List.of(LogEntry.of(keep, nowMillis).getFirst().record("request")),
                        nowMillis);
        assertThat(step).isInstanceOf(Worker.Step.Done.class);
    }

    /** Makes documents of the first table anew of this region's batches. */
    void mend(String... ids) {
        TableSettings table = settings.getFirst();
        List<DocumentId> documents =
                Arrays.stream(ids).map(id -> new DocumentId(table.name(), id)).toList();
        Mending.Mended mended = mending.mend(table.scope(), List.of(), new Context(), documents);
        assertThat(mended.documents()).isEqualTo(ids.length);
    }

    /** Both settle, and tell each other, until neither has anything new. */
    static void converge(TableRegion... regions) throws Exception {
        for (int quiet = 0; quiet < 2; ) {
            Map<TableRegion, String> before = new HashMap<>();
            for (TableRegion region : regions) before.put(region, region.heads());
            for (TableRegion region : regions) region.settle();
            for (TableRegion from : regions)
                for (TableRegion to : regions) if (from != to) from.tell(to);
            for (TableRegion region : regions) region.settle();
            boolean still = true;
            for (TableRegion region : regions) still &= region.heads().equals(before.get(region));
            quiet = still ? quiet + 1 : 0;
        }
    }

    private String heads() throws SQLException {
        return String.join(",", rows("SELECT name, number FROM scope ORDER BY name"));
    }

    /** All documents and contexts, the same where the regions are. */
    String state() throws SQLException {
        return String.join(
                "\n",
                rows(
                        """
                        SELECT concat(scope, '/', collection, '/', id, '=', encode(state, 'hex'), fields)
                        FROM document ORDER BY 1\
                        """));
    }

    @Override
    public void close() {
        try {
            application.close();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
        database.close();
    }
}
