package dev.holdfast.node.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.core.Bytes;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.keys.Verifier;
import dev.holdfast.node.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SignedTopologyTest {
    private static final String KEY = "ab".repeat(32);
    private static final String DRAFT =
            """
            serial: 3
            members:
              singapore:
                address: "10.2.0.2:8444"
                also: ["singapore.example:443"]
                key: %1$s
                wireguard: {address: 10.77.0.1, endpoint: "203.0.113.1:51820"}
              jakarta: {address: "jakarta.example:8444", key: %1$s, relay: false}
              edge-1: {key: %1$s}
            links:
              - between: [singapore, jakarta]
              - between: [singapore, edge-1]
                lane: fresh
                bytes-per-hour: 20MiB
                probe: 10s
                addresses: {singapore: "10.9.0.1:443"}
            """
                    .formatted(KEY);

    private final ReplicaKey authority = ReplicaKey.create(Entropy.system());
    private final Verifier verifier = new Verifier();
    @TempDir Path folder;

    private Topology draft(String yaml) throws IOException {
        return SignedTopology.draft(Files.writeString(folder.resolve("draft.yaml"), yaml));
    }

    private SignedTopology read(String text) {
        return SignedTopology.parse(text, "t", Set.of(authority.publicKey()), verifier);
    }

    @Test
    void what_was_signed_is_what_is_read() throws IOException {
        Topology topology = draft(DRAFT);
        SignedTopology signed = SignedTopology.sign(topology, authority::sign);
        assertThat(read(signed.text()).topology()).isEqualTo(topology);
    }

    @Test
    void any_change_and_any_other_key_is_refused_with_what_to_do() throws IOException {
        String text = SignedTopology.sign(draft(DRAFT), authority::sign).text();
        assertThatThrownBy(() -> read(text.replace("10.2.0.2", "10.2.0.9")))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("sign it again");
        assertThatThrownBy(() -> read(text + "# more\n")).isInstanceOf(SettingsException.class);
        ReplicaKey other = ReplicaKey.create(Entropy.system());
        String theirs = SignedTopology.sign(draft(DRAFT), other::sign).text();
        assertThatThrownBy(() -> read(theirs)).hasMessageContaining("none of the authorities");
        assertThatThrownBy(() -> read(DRAFT)).hasMessageContaining("it is not signed");
        assertThatThrownBy(() -> read("serial: 1\nsignature: zz\n"))
                .hasMessageContaining("not hexadecimal");
    }

    @Test
    void mistakes_are_named() {
        assertRefused("serial: 3", "serial: 0", "serial is at least 1");
        assertRefused("[singapore, jakarta]", "[singapore, manila]", "is no member");
        assertRefused("[singapore, jakarta]", "[edge-1, singapore]", "twice");
        assertRefused("jakarta.example:8444", "10.2.0.2:8444", "both");
        assertRefused("lane: fresh", "lane: fast", "control, fresh, bulk");
        assertRefused("probe: 10s", "probe: 1ms", "50ms to 10m");
        assertRefused("10.9.0.1:443", "10.9.0.1", "host:port");
        assertRefused("{singapore: ", "{jakarta: ", "no end of the link");
        assertRefused("relay: false", "relays: false", "did you mean");
        assertRefused("key: " + KEY + ", relay", "key: 12, relay", "64 hexadecimal digits");
    }

    private void assertRefused(String what, String by, String why) {
        assertThat(DRAFT).contains(what);
        assertThatThrownBy(() -> draft(DRAFT.replace(what, by)))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(why);
    }

    @Test
    void a_member_is_found_by_each_of_its_places_and_by_its_name() throws IOException {
        Topology topology = draft(DRAFT);
        for (String place : new String[] {"10.2.0.2:8444", "Singapore.example:443", "singapore:1"})
            assertThat(topology.memberAt(HostPort.parse(place))).contains("singapore");
        assertThat(topology.memberAt(HostPort.parse("10.2.0.2:22"))).isEmpty();
    }

    @Test
    void a_link_state_of_somebody_else_is_not_believed() {
        ReplicaKey member = ReplicaKey.create(Entropy.system());
        LinkState state = new LinkState("a", 4, java.util.Map.of());
        Bytes body = state.encoded();
        assertThat(LinkState.decode(body)).isEqualTo(state);
        Bytes signature = member.sign(LinkState.signedText(body));
        Bytes other = new LinkState("a", 5, java.util.Map.of()).encoded();
        assertThat(verifier.verify(member.publicKey(), LinkState.signedText(other), signature))
                .isFalse();
    }
}
