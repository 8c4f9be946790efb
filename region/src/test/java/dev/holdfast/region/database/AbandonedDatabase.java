package dev.holdfast.region.database;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Starts a database, writes a row, says so and waits to be killed. */
final class AbandonedDatabase {
    private AbandonedDatabase() {}

    public static void main(String[] args) throws Exception {
        EmbeddedDatabase server = EmbeddedDatabaseTest.start(Path.of(args[0]));
        try (Database database = Database.open(server.address(), 2)) {
            database.transaction(
                    connection -> EmbeddedDatabaseTest.put(connection, "parent", "killed"));
        }
        System.out.println("STARTED " + server.pid());
        TimeUnit.MINUTES.sleep(5);
    }
}
