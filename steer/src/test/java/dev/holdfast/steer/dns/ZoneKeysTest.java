package dev.holdfast.steer.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.keys.KeysException;
import dev.holdfast.steer.zone.DnsName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ZoneKeysTest {
    private static final DnsName ZONE = DnsName.parse("holdfast.example");
    private static final DnsName BELOW = DnsName.parse("eu.holdfast.example");

    @TempDir private Path folder;

    @Test
    void a_key_takes_the_place_of_another_and_each_is_published_before_and_after_it_signs() {
        ZoneKeys keys = new ZoneKeys(folder);
        keys.loadOrMake(ZONE);
        String first = signing(keys);
        keys.makeNext(ZONE);
        assertThat(signing(keys)).isEqualTo(first);
        String next = keys.shown(ZONE).getLast().ds();
        keys.turn(ZONE);
        assertThat(signing(keys)).isEqualTo(next);
        assertThat(all(keys)).containsExactly(next, first);
        assertThat(keys.loadOrMake(ZONE).stream().map(key -> key.dsText(ZONE)))
                .containsExactly(next, first);
        keys.dropOld(ZONE);
        assertThat(all(keys)).containsExactly(next);
    }

    @Test
    void steps_out_of_order_change_nothing() {
        ZoneKeys keys = new ZoneKeys(folder);
        assertThatThrownBy(() -> keys.makeNext(ZONE)).hasMessageContaining("No key signs");
        keys.loadOrMake(ZONE);
        assertThatThrownBy(() -> keys.turn(ZONE)).hasMessageContaining("no next key");
        assertThatThrownBy(() -> keys.dropOld(ZONE)).hasMessageContaining("signed before");
        keys.makeNext(ZONE);
        assertThatThrownBy(() -> keys.makeNext(ZONE)).hasMessageContaining("already");
        keys.turn(ZONE);
        keys.makeNext(ZONE);
        List<String> before = all(keys);
        assertThatThrownBy(() -> keys.turn(ZONE)).hasMessageContaining("still being replaced");
        assertThat(all(keys)).isEqualTo(before);
    }

    @Test
    void a_turn_that_was_cut_short_is_finished_by_the_next() throws IOException {
        ZoneKeys keys = new ZoneKeys(folder);
        keys.loadOrMake(ZONE);
        String first = signing(keys);
        keys.makeNext(ZONE);
        String next = keys.shown(ZONE).getLast().ds();
        Files.copy(
                folder.resolve("holdfast.example.pem"), folder.resolve("holdfast.example.old.pem"));
        keys.turn(ZONE);
        assertThat(all(keys)).containsExactly(next, first);
    }

    @Test
    void a_next_key_that_cannot_be_read_does_not_sign() throws IOException {
        ZoneKeys keys = new ZoneKeys(folder);
        keys.loadOrMake(ZONE);
        String first = signing(keys);
        Path next = folder.resolve("holdfast.example.next.pem");
        Files.writeString(next, "nonsense");
        assertThatThrownBy(() -> keys.turn(ZONE)).isInstanceOf(KeysException.class);
        Files.delete(next);
        assertThat(all(keys)).containsExactly(first);
    }

    @Test
    void another_zones_keys_are_not_its_own() {
        ZoneKeys keys = new ZoneKeys(folder);
        keys.loadOrMake(BELOW);
        assertThat(keys.shown(ZONE)).isEmpty();
        keys.loadOrMake(ZONE);
        assertThat(keys.shown(ZONE)).hasSize(1);
    }

    private static String signing(ZoneKeys keys) {
        ZoneKeys.Shown first = keys.shown(ZONE).getFirst();
        assertThat(first.signs()).isTrue();
        return first.ds();
    }

    private static List<String> all(ZoneKeys keys) {
        return keys.shown(ZONE).stream().map(ZoneKeys.Shown::ds).toList();
    }
}
