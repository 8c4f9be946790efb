package dev.holdfast.drill.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.drill.process.DrillException;
import dev.holdfast.drill.process.Tool;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DisksTest {
    @TempDir Path folder;

    @BeforeEach
    void disks_can_be_made_here() {
        Optional<String> obstacle = Disks.obstacle();
        assumeTrue(obstacle.isEmpty(), () -> obstacle.orElse(""));
    }

    @Test
    void of_a_disk_that_was_shut_down_what_was_flushed_is_left() throws IOException {
        try (Disks disks = new Disks(folder)) {
            Disk disk = disks.make("edge", Disk.MEBIBYTES_MIN);
            for (int times = 1; times <= 2; times++) {
                Path kept = disk.folder().resolve("kept-" + times);
                try (FileChannel file =
                        FileChannel.open(
                                kept, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                    file.force(true);
                    disk.shutDown();
                    assertThatThrownBy(() -> file.force(true)).isInstanceOf(IOException.class);
                }
                assertThatThrownBy(() -> Files.createFile(disk.folder().resolve("late")))
                        .isInstanceOf(IOException.class);
                disk.remount();
                assertThat(kept).exists();
                assertThat(disk.folder().resolve("late")).doesNotExist();
                assertThat(disk.shutDowns()).isEqualTo(times);
            }
        }
    }

    @Test
    void a_full_disk_takes_nothing_until_it_is_emptied() throws IOException {
        try (Disks disks = new Disks(folder)) {
            Disk disk = disks.make("edge", Disk.MEBIBYTES_MIN);
            Path file = disk.folder().resolve("file");
            disk.fill(0);
            assertThatThrownBy(() -> Files.write(file, new byte[1 << 20]))
                    .hasMessageContaining("No space left");
            disk.empty();
            Files.write(file, new byte[1 << 20]);
            long left = 16 << 20;
            disk.fill(left);
            assertThat(disk.free()).isBetween(left, left + (1 << 20));
        }
    }

    @Test
    void who_writes_to_a_frozen_disk_waits_until_it_is_thawed() throws Exception {
        try (Disks disks = new Disks(folder)) {
            Disk disk = disks.make("edge", Disk.MEBIBYTES_MIN);
            Path file = disk.folder().resolve("file");
            disk.freeze();
            Process writer = new ProcessBuilder("touch", file.toString()).start();
            while (!isWaitingInTheKernel(writer)) Thread.onSpinWait();
            disk.thaw();
            assertThat(writer.waitFor()).isZero();
            assertThat(file).exists();
        }
    }

    /** Whether it is where nothing wakes it but the disk. */
    private static boolean isWaitingInTheKernel(Process process) throws IOException {
        return Files.readString(Path.of("/proc/" + process.pid() + "/stat")).contains(") D ");
    }

    @Test
    void nothing_is_left_of_a_disk_that_was_frozen_when_the_drill_ended() {
        try (Disks disks = new Disks(folder)) {
            disks.make("edge", Disk.MEBIBYTES_MIN).freeze();
            disks.make("region", Disk.MEBIBYTES_MIN).shutDown();
        }
        assertThat(Tool.run("cat", "/proc/self/mounts")).doesNotContain(folder.toString());
        assertThat(Tool.run("losetup", "--list")).doesNotContain(folder.toString());
    }

    @Test
    void what_is_not_our_own_disk_is_never_broken() throws IOException {
        try (Disks disks = new Disks(folder)) {
            Disk disk = disks.make("edge", Disk.MEBIBYTES_MIN);
            Tool.run("umount", disk.folder().toString());
            // Not our disk any more: a folder of the machine.
            assertThatThrownBy(disk::shutDown).isInstanceOf(DrillException.class);
            assertThatThrownBy(disk::freeze).isInstanceOf(DrillException.class);
            assertThatThrownBy(() -> disk.fill(0)).isInstanceOf(DrillException.class);
        }
    }
}
