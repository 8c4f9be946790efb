package dev.holdfast.region.database;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A process that starts a database, writes a row, says so and waits to be killed. */
final class AbandonedParent {
    private AbandonedParent() {}

    static Process spawn(Path folder) throws java.io.IOException {
        return new ProcessBuilder(
                        property("java.home") + "/bin/java",
                        "-cp",
                        property("java.class.path"),
                        AbandonedParent.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    public static void main(String[] args) throws Exception {
        EmbeddedDatabase server = EmbeddedDatabaseTest.start(Path.of(args[0]));
        try (Database database = Database.open(server.address(), 2)) {
            int unused =
                    database.transaction(
                            connection -> EmbeddedDatabaseTest.put(connection, "parent", "killed"));
        }
        System.setOut(System.out);
        System.out.println("STARTED " + server.pid());
        System.in.read();
    }

    private static String property(String name) {
        @Nullable String value = System.getProperty(name);
        return Objects.requireNonNull(value, name);
    }
}
