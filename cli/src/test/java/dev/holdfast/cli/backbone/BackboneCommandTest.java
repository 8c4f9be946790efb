package dev.holdfast.cli.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.cli.Ran;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BackboneCommandTest {
    private static final String DRAFT =
            """
            serial: 1
            members:
              singapore:
                address: "singapore.example:443"
                wireguard: {address: 10.77.0.1, endpoint: "203.0.113.1:51820"}
              jakarta:
                address: "jakarta.example:443"
                wireguard: {address: 10.77.0.2, endpoint: "203.0.113.2:51820"}
              edge-1:
                wireguard: {address: 10.77.0.3}
            links:
              - between: [singapore, jakarta]
              - between: [singapore, edge-1]
            """;

    @TempDir Path folder;

    @BeforeEach
    void deploy() {
        assertThat(Ran.holdfast("keys", "init", keys()).code()).isZero();
        for (String region : new String[] {"singapore", "jakarta"}) node(region, "region");
        node("edge-1", "edge");
    }

    private void node(String name, String role) {
        Ran made =
                Ran.holdfast(
                        "keys",
                        "node",
                        name,
                        "--role",
                        role,
                        "--san",
                        "localhost",
                        "--keys",
                        keys());
        assertThat(made.code()).isZero();
    }

    private Path keys() {
        return folder.resolve("keys");
    }

    private Path signed() {
        return folder.resolve("topology.signed.yaml");
    }

    private Ran sign(String yaml) throws IOException {
        Path draft = Files.writeString(folder.resolve("topology.yaml"), yaml);
        return Ran.holdfast("backbone", "sign", draft, "--out", signed(), "--keys", keys());
    }

    @Test
    void a_topology_is_signed_shown_and_replaced_by_a_newer_one_only() throws IOException {
        assertThat(sign(DRAFT).code()).isZero();
        Ran shown = Ran.holdfast("backbone", "show", signed(), "--keys", keys());
        assertThat(shown.code()).isZero();
        assertThat(shown.out()).contains("serial 1", "singapore.example:443", "none: it dials");
        Ran again = sign(DRAFT);
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).contains("serial 1 is not new", "set serial: 2");
        assertThat(sign(DRAFT.replace("serial: 1", "serial: 2")).code()).isZero();
    }

    @Test
    void what_is_wrong_is_said_with_what_to_do() throws IOException {
        assertThat(sign(DRAFT.replace("[singapore, edge-1]", "[singapore, edge-9]")).err())
                .contains("edge-9");
        Ran unknown = sign(DRAFT.replace("edge-1", "edge-7"));
        assertThat(unknown.err()).contains("no key for the member edge-7", "holdfast keys node");
        assertThat(sign(DRAFT).code()).isZero();
        Files.writeString(signed(), Files.readString(signed()).replace("serial: 1", "serial: 4"));
        Ran changed = Ran.holdfast("backbone", "show", signed(), "--keys", keys());
        assertThat(changed.code()).isEqualTo(1);
        assertThat(changed.err()).contains("signature");
        assertThat(Ran.holdfast("backbone", "show", "--keys", keys()).err())
                .contains("nothing to show");
    }

    @Test
    void a_wireguard_configuration_is_one_that_wg_quick_takes() throws Exception {
        assertThat(sign(DRAFT).code()).isZero();
        for (String member : new String[] {"edge-1", "singapore", "jakarta"}) {
            Ran ran =
                    Ran.holdfast(
                            "backbone",
                            "wireguard",
                            signed(),
                            "--member",
                            member,
                            "--keys",
                            keys());
            assertThat(ran.code()).as(ran.err()).isZero();
        }
        Path edge = keys().resolve("nodes/edge-1/holdfast.conf");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(edge)))
                .isEqualTo("rw-------");
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(
                                        keys().resolve("nodes/edge-1/wireguard.key"))))
                .isEqualTo("rw-------");
        assertThat(Files.readString(edge))
                .contains(
                        "AllowedIPs = 10.77.0.1/32, 10.77.0.2/32",
                        "PersistentKeepalive = 25",
                        "Endpoint = 203.0.113.1:51820");
        String secret = Files.readString(keys().resolve("nodes/jakarta/wireguard.key")).strip();
        String jakarta = WireguardKey.parse(secret).publicText();
        assertThat(Files.readString(keys().resolve("nodes/singapore/holdfast.conf")))
                .contains("PublicKey = " + jakarta, "ListenPort = 51820");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/wg-quick")), "there is no wg-quick");
        assertThat(said("/usr/bin/wg-quick", "strip", edge.toString()))
                .contains("PrivateKey = ", "PublicKey = ")
                .doesNotContain("Address");
        // The same public key as WireGuard's own tool makes of the secret one.
        Process pubkey = new ProcessBuilder("/usr/bin/wg", "pubkey").start();
        pubkey.getOutputStream().write(secret.getBytes(StandardCharsets.US_ASCII));
        pubkey.getOutputStream().close();
        assertThat(new String(pubkey.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                .isEqualToIgnoringNewLines(jakarta);
    }

    private static String said(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(words).isZero();
        return words;
    }
}
