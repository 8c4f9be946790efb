package dev.holdfast.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFileTest {
    @TempDir Path folder;

    @Test
    void a_key_comes_back_as_it_was_kept() {
        KeyFile file = new KeyFile(folder.resolve("deep/below/replica.key"));
        ReplicaKey made = file.loadOrCreate(Entropy.system());
        ReplicaKey loaded = file.loadOrCreate(Entropy.system());
        assertThat(loaded.replica()).isEqualTo(made.replica());
        assertThat(loaded.sign(Bytes.EMPTY)).isEqualTo(made.sign(Bytes.EMPTY));
    }

    @Test
    void only_the_owner_may_read_it_and_nothing_lies_beside_it() throws IOException {
        Path path = folder.resolve("replica.key");
        new KeyFile(path).loadOrCreate(Entropy.system());
        new KeyFile(path).store(ReplicaKey.create(Entropy.system()));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
        try (Stream<Path> all = Files.list(folder)) {
            assertThat(all).containsExactly(path);
        }
    }

    @Test
    void a_file_open_to_others_is_refused_with_the_way_out() throws IOException {
        Path path = folder.resolve("replica.key");
        KeyFile file = new KeyFile(path);
        file.loadOrCreate(Entropy.system());
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(file::load)
                .hasMessageContaining("open to others")
                .hasMessageContaining("chmod 600");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("r--r-----"));
        assertThat(file.load()).isNotNull();
    }

    @Test
    void damage_is_named_and_the_content_is_never_told() throws IOException {
        Path path = folder.resolve("replica.key");
        KeyFile file = new KeyFile(path);
        assertThatThrownBy(file::load).hasMessage("There is no key file " + path);
        damaged(file, "", "one PRIVATE KEY");
        damaged(file, "secretsecret", "one PRIVATE KEY");
        damaged(file, pem("AAAA"), "not an Ed25519 private key");
        damaged(file, pem("AAA"), "cannot be used");
        damaged(file, "x".repeat(5000), "too long");
    }

    @Test
    void the_file_is_the_one_that_other_tools_read() throws IOException {
        Path path = folder.resolve("replica.key");
        // RFC 8410 section 10.3.
        Files.writeString(
                path, pem("MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC"));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        assertThat(new KeyFile(path).load().publicKey().hex())
                .isEqualTo("19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1");
    }

    @Test
    void a_key_never_shows_its_secret() {
        Bytes seed = Entropy.system().bytes(32);
        ReplicaKey key = ReplicaKey.ofSeed(seed);
        assertThat(key.toString()).contains(key.replica().toString()).doesNotContain(seed.hex());
    }

    private static void damaged(KeyFile file, String content, String reason) throws IOException {
        DurableFile.write(
                file.path(), content.getBytes(StandardCharsets.UTF_8), DurableFile.Readers.OWNER);
        assertThatThrownBy(file::load)
                .isInstanceOf(KeysException.class)
                .hasMessageContaining(file.path().toString())
                .hasMessageContaining(reason)
                .satisfies(e ->
                        assertThat(String.valueOf(e.getMessage())).doesNotContain("secretsecret"));
    }

    private static String pem(String body) {
        return "-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n";
    }
}
