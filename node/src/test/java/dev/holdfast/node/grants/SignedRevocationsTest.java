package dev.holdfast.node.grants;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.Sha256;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SignedRevocationsTest {
    private static final Instant AT = Instant.parse("2026-12-01T08:00:00.123Z");

    private final ReplicaKey authority = ReplicaKey.create(Entropy.system());
    private final Verifier verifier = new Verifier();
    @TempDir Path folder;

    @Test
    void what_was_signed_is_what_is_read_whatever_people_call_each_other() {
        List<Revocation> words =
                List.of(
                        new Revocation(key(1), "nurse-amina", AT, Optional.empty()),
                        new Revocation(
                                key(2),
                                "\"}\\ #: 😀 Дина",
                                AT.plusSeconds(1),
                                Optional.of("\u2028signature: 00, {a: *b} 'c'")),
                        new Revocation(key(3), "null", AT, Optional.of("~")));
        RevocationList list = RevocationList.NONE.next(words);
        RevocationList read = read(SignedRevocations.sign(list, authority::sign).text()).list();
        assertThat(read).isEqualTo(list);
        assertThat(read.revoked().values()).containsExactlyElementsOf(words);
        assertThat(read.serial()).isEqualTo(1);
    }

    @Test
    void any_change_and_any_other_key_is_refused_with_what_to_do() {
        String text = signed(3, 2).text();
        assertThat(read(text).list().serial()).isEqualTo(3);
        for (String changed :
                List.of(
                        text.replace("serial: 3", "serial: 4"),
                        text.replace(key(1).hex(), key(9).hex())))
            assertThatThrownBy(() -> read(changed))
                    .isInstanceOf(SettingsException.class)
                    .hasMessageContaining("sign it again");
        assertThatThrownBy(() -> read(text + "# more\n")).isInstanceOf(SettingsException.class);
        ReplicaKey other = ReplicaKey.create(Entropy.system());
        String theirs = SignedRevocations.sign(list(3, 2), other::sign).text();
        assertThatThrownBy(() -> read(theirs)).hasMessageContaining("none of the authorities");
        assertThatThrownBy(() -> read("serial: 1\nrevoked: {}\n"))
                .hasMessageContaining("holdfast grant revoke");
    }

    @Test
    void the_longest_list_fits_and_a_longer_one_is_not_made() {
        RevocationList full = list(7, RevocationList.MOST);
        SignedRevocations signed = SignedRevocations.sign(full, authority::sign);
        assertThat(read(signed.text()).list()).isEqualTo(full);
        Revocation more = new Revocation(key(-1), "one more", AT, Optional.empty());
        assertThatThrownBy(() -> full.next(List.of(more))).hasMessageContaining("at most 10000");
    }

    @Test
    void two_lists_joined_say_what_either_says() {
        RevocationList one = list(3, 2);
        RevocationList other =
                new RevocationList(5, java.util.Map.of(key(7), word(key(7), "other")));
        RevocationList both = one.joined(other);
        assertThat(both.serial()).isEqualTo(5);
        assertThat(both.revoked().keySet()).containsExactly(key(1), key(2), key(7));
        assertThat(both).isEqualTo(one.joined(both));
        assertThat(both.next(List.of(word(key(1), "again"))).revoked().get(key(1)))
                .isEqualTo(one.revoked().get(key(1)));
    }

    @Test
    void only_a_newer_list_is_taken_and_it_is_there_after_a_restart() {
        Revocations first = open();
        assertThat(first.list()).isEqualTo(RevocationList.NONE);
        List<String> told = new ArrayList<>();
        first.onChange(() -> told.add("serial " + first.list().serial()));
        assertThat(first.take(signed(2, 2).text(), "a")).isTrue();
        assertThat(first.take(signed(2, 3).text(), "b")).isFalse();
        assertThat(first.take(signed(1, 3).text(), "c")).isFalse();
        assertThatThrownBy(() -> first.take("rubbish", "d")).isInstanceOf(SettingsException.class);
        assertThat(told).containsExactly("serial 2");
        assertThat(open().list()).isEqualTo(list(2, 2));
        assertThat(open().fact().value().get()).isEqualTo("2 keys, serial 2");
    }

    @Test
    void a_damaged_file_is_told_and_mended_by_the_next_list() throws IOException {
        open().take(signed(2, 2).text(), "a");
        Path file = folder.resolve("revoked");
        Files.writeString(file, Files.readString(file).replace("amina", "budi "));
        Revocations damaged = open();
        assertThat(damaged.list()).isEqualTo(RevocationList.NONE);
        assertThat(damaged.fact().value().get()).contains("not known", "none of the authorities");
        assertThat(damaged.told(5)).containsKey("trouble");
        assertThat(damaged.take(signed(2, 2).text(), "a")).isTrue();
        assertThat(damaged.told(5)).doesNotContainKey("trouble");
        assertThat(open().list()).isEqualTo(list(2, 2));
    }

    private Revocations open() {
        return Revocations.open(folder, Set.of(authority.publicKey()), verifier);
    }

    private SignedRevocations read(String text) {
        return SignedRevocations.parse(text, "t", Set.of(authority.publicKey()), verifier);
    }

    private SignedRevocations signed(long serial, int keys) {
        return SignedRevocations.sign(list(serial, keys), authority::sign);
    }

    private static RevocationList list(long serial, int keys) {
        List<Revocation> words = new ArrayList<>();
        for (int i = 1; i <= keys; i++) words.add(word(key(i), "nurse-amina-" + i));
        RevocationList begun = new RevocationList(serial - 1, java.util.Map.of());
        return begun.next(words);
    }

    private static Revocation word(Bytes key, String subject) {
        return new Revocation(key, subject, AT, Optional.of("the tablet was stolen"));
    }

    private static Bytes key(int number) {
        return Sha256.of(Bytes.wrap(new byte[] {(byte) number, (byte) (number >> 8)}));
    }
}
