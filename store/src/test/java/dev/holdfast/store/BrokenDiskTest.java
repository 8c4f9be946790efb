package dev.holdfast.store;

import static dev.holdfast.store.Writing.SCOPE;
import static dev.holdfast.store.Writing.patient;
import static dev.holdfast.store.Writing.put;
import static dev.holdfast.store.Writing.shown;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Value;
import dev.holdfast.core.merge.Intervals;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BrokenDiskTest {
    private static final Value BIG = Value.of("x".repeat(100_000));

    @TempDir Path folder;

    @Test
    void a_full_database_refuses_writes_whole_and_takes_them_again_when_there_is_room() {
        try (ReplicaStore store = Writing.open(folder, 1)) {
            put(store, "small", "name", Value.of("x"));
            limitPages(store, 200);
            int written = fill(store);
            requireWhole(store, written);
            limitPages(store, 1 << 30);
            put(store, "later", "name", BIG);
            requireWhole(store, written + 1);
        }
    }

    @Test
    void a_caller_that_catches_a_full_disk_and_goes_on_writes_nothing_all_the_same() {
        try (ReplicaStore store = Writing.open(folder, 1)) {
            put(store, "small", "name", Value.of("x"));
            limitPages(store, 100);
            assertThatThrownBy(() ->
                            store.write(tables -> {
                                tables.putNote("before", Bytes.EMPTY);
                                try {
                                    for (int i = 0; i < 50; i++) {
                                        tables.putNote("big" + i, Bytes.wrap(new byte[100_000]));
                                    }
                                } catch (StoreException e) {
                                    goOn(tables);
                                }
                                return true;
                            }))
                    .isInstanceOf(StoreException.class);
            assertThat((boolean) store.read(tables -> tables.note("before").isPresent())).isFalse();
        }
    }

    @Test
    void a_full_file_system_refuses_writes_and_loses_nothing() throws Exception {
        Path mount = Files.createDirectory(folder.resolve("small"));
        Assumptions.assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", mount.toString()) == 0,
                "a tmpfs cannot be mounted here, so the disk is not filled");
        try {
            assertThat(run("mountpoint", "-q", mount.toString())).isZero();
            int written;
            try (ReplicaStore store = Writing.open(mount.resolve("store"), 1)) {
                put(store, "small", "name", Value.of("x"));
                Path filler = mount.resolve("filler");
                Files.write(filler, new byte[1 << 20]);
                written = fill(store);
                requireWhole(store, written);
                Files.delete(filler);
                put(store, "later", "name", Value.of("y"));
                written++;
                requireWhole(store, written);
            }
            try (ReplicaStore store = Writing.open(mount.resolve("store"), 1)) {
                requireWhole(store, written);
            }
        } finally {
            run("umount", mount.toString());
        }
    }

    @Test
    void a_file_system_that_has_given_up_is_the_end_of_writing_and_is_said_so() throws Exception {
        Path image = folder.resolve("image");
        Path mount = Files.createDirectory(folder.resolve("disk"));
        Assumptions.assumeTrue(
                run("truncate", "-s", "320m", image.toString()) == 0
                        && run("mkfs.xfs", "-q", image.toString()) == 0
                        && run("mount", "-o", "loop", image.toString(), mount.toString()) == 0,
                "no XFS can be mounted here, so none gives up");
        try {
            try (ReplicaStore store = Writing.open(mount.resolve("store"), 1)) {
                put(store, "before", "name", Value.of("x"));
                assertThat(run("xfs_io", "-x", "-c", "shutdown", mount.toString())).isZero();
                StoreException first = putting(store);
                assertThat(first.kind()).isEqualTo(StoreException.Kind.IO);
                // A write failed, and so no flush was even tried.
                assertThat(first).hasMessageContaining("SQLITE_IOERR_WRITE");
                assertThat(putting(store)).hasMessageContaining("refuses writes");
                assertThat(store.awaitFailure()).hasMessageContaining("SQLITE_IOERR_WRITE");
            }
            assertThat(run("umount", mount.toString())).isZero();
            assertThat(run("mount", "-o", "loop", image.toString(), mount.toString())).isZero();
            try (ReplicaStore store = Writing.open(mount.resolve("store"), 1)) {
                assertThat(shown(store, "before").fields()).containsEntry("name", Value.of("x"));
                put(store, "after", "name", Value.of("y"));
            }
        } finally {
            run("umount", mount.toString());
        }
    }

    @Test
    void a_file_that_is_no_database_is_named_corrupt() throws IOException {
        Files.writeString(folder.resolve("store.db"), "this is no database ".repeat(500));
        assertThat(opening().kind()).isEqualTo(StoreException.Kind.CORRUPT);
        assertThat(opening()).hasMessageContaining("store.db");
    }

    @Test
    void another_programs_database_is_left_alone() throws Exception {
        try (var other = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("store.db"));
                var statement = other.createStatement()) {
            statement.executeUpdate("create table theirs (x)");
        }
        assertThat(opening().kind()).isEqualTo(StoreException.Kind.CORRUPT);
        assertThat(opening()).hasMessageContaining("not a replica store");
    }

    @Test
    void a_newer_programs_store_is_refused() throws Exception {
        Writing.open(folder, 1).close();
        try (var other = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("store.db"));
                var statement = other.createStatement()) {
            statement.executeUpdate("pragma user_version = 99");
        }
        assertThat(opening().kind()).isEqualTo(StoreException.Kind.NEWER_VERSION);
        assertThat(opening()).hasMessageContaining("99");
    }

    @Test
    void a_damaged_page_is_named_corrupt_and_undamaged_documents_stay_readable() throws Exception {
        try (ReplicaStore store = Writing.open(folder, 1)) {
            for (int i = 0; i < 200; i++) put(store, "p" + i, "name", Value.of("x".repeat(500)));
        }
        Path file = folder.resolve("store.db");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            byte[] noise = new byte[4096];
            java.util.Arrays.fill(noise, (byte) 0x5a);
            for (long page = 20; page < channel.size() / 4096; page++) {
                channel.write(ByteBuffer.wrap(noise), page * 4096);
            }
        }
        StoreException told =
                catchThrowableOfType(
                        StoreException.class,
                        () -> {
                            try (ReplicaStore store = Writing.open(folder, 1)) {
                                for (int i = 0; i < 200; i++) shown(store, "p" + i);
                            }
                        });
        assertThat(told.kind()).isEqualTo(StoreException.Kind.CORRUPT);
        // It can be opened again: nothing was left locked.
        assertThat(
                        catchThrowableOfType(
                                StoreException.class, () -> Writing.open(folder, 1).close()))
                .satisfiesAnyOf(
                        e -> assertThat(e).isNull(),
                        e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.CORRUPT));
    }

    private static void goOn(StoreTables tables) {
        try {
            tables.putNote("before", Bytes.EMPTY);
        } catch (StoreException e) {
            assertThat(e.kind()).isEqualTo(StoreException.Kind.FULL);
        }
    }

    private StoreException opening() {
        return catchThrowableOfType(StoreException.class, () -> Writing.open(folder, 1).close());
    }

    private static StoreException putting(ReplicaStore store) {
        return catchThrowableOfType(
                StoreException.class, () -> put(store, "late", "name", Value.of("z")));
    }

    /** Writes until nothing fits; answers how many writes there are. */
    private static int fill(ReplicaStore store) {
        int written = 1;
        StoreException full = null;
        for (int i = 0; i < 1000 && full == null; i++) {
            int number = i;
            full =
                    catchThrowableOfType(
                            StoreException.class, () -> put(store, "p" + number, "name", BIG));
            if (full == null) written++;
        }
        assertThat(Objects.requireNonNull(full).kind()).isEqualTo(StoreException.Kind.FULL);
        assertThat(full).hasMessageContaining("full");
        // And again, now from the start of a group.
        assertThat(
                        catchThrowableOfType(
                                        StoreException.class, () -> put(store, "q", "name", BIG))
                                .kind())
                .isEqualTo(StoreException.Kind.FULL);
        return written;
    }

    private static void requireWhole(ReplicaStore store, int written) {
        assertThat(shown(store, "small").fields()).containsEntry("name", Value.of("x"));
        Intervals seen = store.read(t -> t.context(SCOPE, store.key().replica()));
        assertThat(seen).isEqualTo(Intervals.of(1, written));
        int unsealed = store.read(t -> t.unsealed(SCOPE, 0, Integer.MAX_VALUE).size());
        assertThat(unsealed).isEqualTo(written);
        int documents = store.read(t -> t.documents(SCOPE, "patients", "", 10_000).size());
        assertThat(documents).isEqualTo(written);
        assertThat(shown(store, "q").fields()).isEmpty();
        assertThat((boolean) store.read(t -> t.pending(SCOPE, patient("q")).isPresent())).isFalse();
    }

    private static void limitPages(ReplicaStore store, int pages) {
        store.write(tables -> {
            ((SqliteTables) tables).sql().number("pragma max_page_count = " + pages);
            return true;
        });
    }

    private static int run(String... command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }
}
