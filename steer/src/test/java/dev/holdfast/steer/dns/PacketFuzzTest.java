package dev.holdfast.steer.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.ClientSubnetOption;
import org.xbill.DNS.CookieOption;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;

/** Packets that nobody should send. */
final class PacketFuzzTest {
    private static final long SEED = 20_261_130;
    private static final int PACKETS = 60_000;

    private static final String YAML =
            """
            lines: {inside: {networks: [10.0.0.0/8]}}
            pools:
              regions:
                policy: weighted
                alpn: [h2]
                endpoints:
                  a: {addresses: [203.0.113.7, "2001:db8::1"]}
                  b: {addresses: [203.0.113.9]}
            zones:
              holdfast.example:
                soa: {primary: ns1.holdfast.example, mailbox: a@holdfast.example}
                records:
                  "@": {ns: [ns1.other.example.], txt: [%1$s, %1$sx, %1$sy, %1$sz, %1$sv, %1$sw, %1$su]}
                  www: {pool: regions}
                  _https._tcp.www: {pool: regions}
                  api: {cname: www}
                  "*.wild": {txt: [any]}
                  sub: {ns: [ns.sub]}
                  ns.sub: {a: [192.0.2.3]}
            """
                    .formatted("y".repeat(250));

    @TempDir Path folder;

    @Test
    void no_packet_breaks_it_and_no_answer_is_too_long() throws Exception {
        String signed =
                YAML
                        + YAML.substring(YAML.indexOf("  holdfast.example:"))
                                .replace("  holdfast.example:", "  signed.example:")
                                .replace("    records:", "    dnssec: {sign: true}\n    records:");
        Asking asking = new Asking(signed, folder, Asking.unlimited());
        SplittableRandom random = new SplittableRandom(SEED);
        int answered = 0;
        for (int i = 0; i < PACKETS; i++) {
            byte[] packet = packet(random);
            String what = "seed " + SEED + ", packet " + i;
            byte[] sent = packet.clone();
            byte[] answer;
            try {
                answer = asking.bytes(packet);
            } catch (RuntimeException e) {
                throw new AssertionError(what, e);
            }
            assertThat(packet).as(what).isEqualTo(sent);
            if (packet.length < 12 || (packet[2] & 0x80) != 0) {
                assertThat(answer).as(what).isEmpty();
                continue;
            }
            Header header = new Header(answer);
            assertThat(header.getFlag(Flags.QR)).as(what).isTrue();
            assertThat(header.getID())
                    .as(what)
                    .isEqualTo((packet[0] & 0xff) << 8 | packet[1] & 0xff);
            assertThat(header.getRcode()).as(what).isNotEqualTo(Rcode.SERVFAIL);
            Message read = new Message(answer);
            int most = read.getOPT() == null ? 512 : 1232;
            assertThat(answer.length).as(what).isLessThanOrEqualTo(most);
            answered++;
        }
        assertThat(answered).isGreaterThan(PACKETS / 2);
    }

    private static byte[] packet(SplittableRandom random) throws Exception {
        String[] names = {
            "", "www.", "api.", "nobody.", "x.wild.", "x.sub.", "_https._tcp.www.", "a.www."
        };
        String zone = random.nextBoolean() ? "holdfast.example" : "signed.example";
        String name = names[random.nextInt(names.length)] + zone;
        Message question =
                Asking.question(name, 1 + random.nextInt(random.nextInt(8) == 0 ? 260 : 66));
        question.getHeader().setID(random.nextInt(65_536));
        if (random.nextInt(3) > 0) {
            List<EDNSOption> options = new ArrayList<>();
            if (random.nextInt(4) == 0) {
                byte[] cookie = new byte[8];
                random.nextBytes(cookie);
                options.add(new CookieOption(cookie));
            }
            if (random.nextInt(4) == 0) {
                byte[] address = {10, (byte) random.nextInt(256), 0, 0};
                options.add(new ClientSubnetOption(16, 0, InetAddress.getByAddress(address)));
            }
            int flags = random.nextInt(4) << 14;
            int size = random.nextInt(5000);
            question.addRecord(
                    new OPTRecord(size, 0, random.nextInt(20) == 0 ? 1 : 0, flags, options),
                    Section.ADDITIONAL);
        }
        byte[] packet = question.toWire();
        if (random.nextInt(3) == 0) return packet;
        return switch (random.nextInt(5)) {
            case 0 -> Arrays.copyOf(packet, random.nextInt(packet.length + 1));
            case 1 -> Arrays.copyOf(packet, packet.length + random.nextInt(40));
            case 2 -> {
                byte[] noise = new byte[random.nextInt(100)];
                random.nextBytes(noise);
                yield noise;
            }
            default -> {
                for (int n = 1 + random.nextInt(4); n > 0; n--)
                    packet[random.nextInt(packet.length)] = (byte) random.nextInt(256);
                yield packet;
            }
        };
    }
}
