package dev.holdfast.drill.bench;

import dev.holdfast.core.operation.DocumentId;
import dev.holdfast.device.Device;
import dev.holdfast.device.DeviceSettings;
import dev.holdfast.device.Scope;
import dev.holdfast.drill.clinic.ClinicAuthor;
import dev.holdfast.drill.clinic.ClinicAuthor.Written;
import dev.holdfast.drill.clinic.ClinicData;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.store.StoreSettings;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Durable local writes through a device's SDK, beside bare SQLite transactions of the same bytes:
 * the operation, and the document after it as state and as JSON.
 */
final class DeviceBench implements Bench {
    private static final int MOST_OPERATIONS = 50_000;
    private static final String SCOPE = "clinic-1";

    @Override
    public String name() {
        return "device";
    }

    @Override
    public String about() {
        return "durable local writes, beside bare SQLite transactions of the same bytes";
    }

    @Override
    public Report run(Run run) throws Exception {
        List<Figure> figures = new ArrayList<>();
        for (int writers : new int[] {1, 16}) figures.add(measure(run, writers));
        return new Report(
                name(),
                figures,
                List.of(
                        "Through the SDK: each write is one transaction of one document, returned from once it is"
                                + " flushed; the clinic's schema with its indexes.",
                        "Bare: the operation, the document's state and its JSON into two tables by"
                                + " the same pragmas, no index, nothing read; with 16 writers one"
                                + " thread commits for all."),
                List.of());
    }

    private Figure measure(Run run, int writers) throws Exception {
        String what = writers == 1 ? "1 writer" : writers + " writers";
        Path folder = run.folder().resolve("device-" + writers);
        ClinicAuthor author =
                new ClinicAuthor(
                        SCOPE,
                        ReplicaKey.create(Entropy.system()),
                        run.seed(),
                        System.currentTimeMillis());
        DeviceSettings settings = DeviceSettings.in(folder).withSchema(ClinicData.SCHEMA);
        int cacheKib = StoreSettings.device(folder, ClinicData.SCHEMA).cacheKib();
        try (Device device = Device.open(settings);
                Bare bare = new Bare(folder.resolve("bare.db"), cacheKib)) {
            Scope scope = device.scope(SCOPE);
            Rounds.Rates rates =
                    Rounds.run(
                            run,
                            what,
                            1,
                            MOST_OPERATIONS,
                            operations -> round(scope, bare, writers, writes(author, operations)));
            return Figure.of("durable writes, " + what, rates.subject(), "op/s")
                    .beside(rates.bare(), "bare SQLite transactions of the same bytes")
                    .aiming(Aim.ratioAtLeast(0.5));
        }
    }

    private static List<Written> writes(ClinicAuthor author, int operations) {
        List<Written> writes = new ArrayList<>(operations);
        for (int i = 0; i < operations; i++) writes.add(author.write());
        return writes;
    }

    private static Rounds.Round round(Scope scope, Bare bare, int writers, List<Written> writes) {
        return new Rounds.Round() {
            @Override
            public double bare() throws Exception {
                if (writers == 1) return Writers.run(1, writes, bare::write);
                try (GroupCommit<Written> group = new GroupCommit<>(bare.database, bare::insert)) {
                    return Writers.run(writers, writes, group::write);
                }
            }

            @Override
            public double subject() throws Exception {
                return Writers.run(
                        writers, writes, written -> SdkWrites.write(scope, written.write()));
            }
        };
    }

    /** The same bytes, in the least that could hold them. */
    private static final class Bare implements AutoCloseable {
        final BareSqlite database;
        private final PreparedStatement operation;
        private final PreparedStatement document;

        Bare(Path file, int cacheKib) throws SQLException {
            database =
                    new BareSqlite(
                            file,
                            cacheKib,
                            "create table operations (n integer primary key, body blob not null)",
                            "create table documents (collection text, id text, state blob not null,"
                                    + " shown text, primary key (collection, id))");
            operation = database.prepare("insert into operations (body) values (?)");
            document = database.prepare("insert or replace into documents values (?, ?, ?, ?)");
        }

        void write(Written written) throws SQLException {
            insert(written);
            database.commit();
        }

        void insert(Written written) throws SQLException {
            DocumentId id = written.write().document();
            operation.setBytes(1, written.operation().unsafeArray());
            operation.executeUpdate();
            document.setString(1, id.collection());
            document.setString(2, id.id());
            document.setBytes(3, written.state().unsafeArray());
            document.setString(4, written.shown());
            document.executeUpdate();
        }

        @Override
        public void close() throws SQLException {
            database.close();
        }
    }
}
