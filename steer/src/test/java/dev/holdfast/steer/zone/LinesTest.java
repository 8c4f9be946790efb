package dev.holdfast.steer.zone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class LinesTest {
    private static final Lines LINES =
            new Lines(
                    Map.of(
                            "inside", line("10.1.0.0/16", "2001:db8:1::/48"),
                            "clinic", line("10.1.7.0/24")));

    @Test
    void the_longest_prefix_decides() {
        assertThat(name("10.1.2.3")).isEqualTo("inside");
        assertThat(name("10.1.7.3")).isEqualTo("clinic");
        assertThat(name("10.2.0.1")).isEqualTo("default");
        assertThat(name("2001:db8:1::5")).isEqualTo("inside");
        assertThat(name("2001:db8:2::5")).isEqualTo("default");
    }

    @Test
    void the_scope_has_the_bits_that_decided() {
        assertThat(found("10.1.7.3").bits()).isEqualTo(24);
        // The first bit in which it differs from 10.1.0.0/16 is the fifteenth.
        assertThat(found("10.2.0.1").bits()).isEqualTo(15);
        assertThat(found("192.0.2.1").bits()).isEqualTo(1);
    }

    @Test
    void every_address_with_the_bits_of_the_scope_is_of_the_same_line() {
        SplittableRandom random = new SplittableRandom(11);
        for (int round = 0; round < 50; round++) {
            Lines lines = new Lines(some(random));
            for (int i = 0; i < 200; i++) {
                byte[] address = near(random);
                Lines.Found found = lines.of(address, 32);
                byte[] other = near(random);
                for (int bit = 0; bit < found.bits(); bit++) {
                    int mask = 0x80 >> (bit & 7);
                    other[bit / 8] = (byte) (other[bit / 8] & ~mask | address[bit / 8] & mask);
                }
                assertThat(lines.of(other, 32).line()).isEqualTo(found.line());
            }
        }
    }

    @Test
    void a_network_of_two_lines_is_refused() {
        assertThatThrownBy(
                        () -> new Lines(Map.of("a", line("10.0.0.0/8"), "b", line("10.0.0.0/8"))))
                .hasMessageContaining("10.0.0.0/8 is already of the line");
    }

    private static Map<String, LineSettings> some(SplittableRandom random) {
        Map<String, LineSettings> lines = new LinkedHashMap<>();
        List<String> taken = new ArrayList<>();
        for (int line = 0; line < 3; line++) {
            List<String> networks = new ArrayList<>();
            for (int n = 0; n < 4; n++) {
                String network = Network.of(near(random), random.nextInt(33)).toString();
                if (taken.contains(network)) continue;
                taken.add(network);
                networks.add(network);
            }
            lines.put("line" + line, line(networks.toArray(String[]::new)));
        }
        return lines;
    }

    /** Addresses that share many of their first bits. */
    private static byte[] near(SplittableRandom random) {
        return new byte[] {
            10,
            (byte) random.nextInt(4),
            (byte) (random.nextInt(4) << 6),
            (byte) random.nextInt(256)
        };
    }

    private static LineSettings line(String... networks) {
        return new LineSettings(List.of(networks), Optional.empty(), Optional.empty());
    }

    private static Lines.Found found(String address) {
        byte[] bytes = InetAddress.ofLiteral(address).getAddress();
        return LINES.of(bytes, bytes.length * 8);
    }

    private static String name(String address) {
        return LINES.names().get(found(address).line());
    }
}
