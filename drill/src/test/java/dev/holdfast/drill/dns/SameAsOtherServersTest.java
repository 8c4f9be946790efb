package dev.holdfast.drill.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.drill.dns.NameServer.Kind;
import dev.holdfast.drill.net.Ports;
import dev.holdfast.keys.Entropy;
import dev.holdfast.steer.dns.DnsServer;
import dev.holdfast.steer.dns.DnsSettings;
import dev.holdfast.steer.pool.Standings;
import dev.holdfast.steer.zone.Zones;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * The same zone, the same questions, and the same answers: code, AA, TC, and each section as a set.
 * Left out is what RFCs leave to the server: questions for ANY, and the additional section beside a
 * referral's glue.
 */
final class SameAsOtherServersTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final long SEED = 4_711;
    private static final int NAMES = 400;
    private static final int QUESTIONS = 6_000;
    private static final int BAD_PACKETS = 3_000;
    private static final int PATIENCE_MILLIS = 2_000;

    private static final int[] TYPES = {
        Type.A,
        Type.A,
        Type.A,
        Type.AAAA,
        Type.TXT,
        Type.MX,
        Type.NS,
        Type.SOA,
        Type.CNAME,
        Type.SRV,
        Type.CAA,
        Type.DS,
        Type.PTR,
        Type.HTTPS,
        65_280
    };

    @TempDir Path folder;

    @ParameterizedTest
    @EnumSource(names = {"KNOT", "NSD"})
    void steer_answers_as_others_do(Kind kind) throws IOException {
        assumeTrue(kind.program().isPresent(), kind.title() + " is not installed here");
        SampleZone zone = new SampleZone(SEED, NAMES);
        int port = Ports.free(1, new Random());
        try (NameServer other = NameServer.start(kind, folder.resolve("other"), zone, port);
                DnsServer steer = steer(zone);
                Asker ofOther = new Asker(new InetSocketAddress(LOOPBACK, other.port()));
                Asker ofSteer = new Asker(steer.addresses().getFirst())) {
            SplittableRandom random = new SplittableRandom(SEED);
            List<String> differences = new ArrayList<>();
            Set<String> kinds = new TreeSet<>();
            for (int i = 0; i < QUESTIONS; i++) {
                byte[] packet = question(random, zone, i).toWire();
                String here = shown(ofSteer.ask(packet));
                String there = shown(ofOther.ask(packet));
                kinds.add(here.lines().findFirst().orElseThrow());
                if (!here.equals(there))
                    differences.add(
                            new Message(packet).getQuestion()
                                    + "\nsteer: "
                                    + here
                                    + "\nother: "
                                    + there);
            }
            assertThat(differences).isEmpty();
            // Of each kind of answer there were some.
            assertThat(kinds)
                    .contains("NOERROR AA", "NXDOMAIN AA", "NOERROR", "NOERROR AA TC", "REFUSED");
        }
    }

    @Test
    void steer_takes_bad_packets_as_one_of_the_others_does() throws IOException {
        for (Kind kind : List.of(Kind.KNOT, Kind.NSD))
            assumeTrue(kind.program().isPresent(), kind.title() + " is not installed here");
        SampleZone zone = new SampleZone(SEED, NAMES);
        int port = Ports.free(2, new Random());
        try (NameServer knot = NameServer.start(Kind.KNOT, folder.resolve("knot"), zone, port);
                NameServer nsd = NameServer.start(Kind.NSD, folder.resolve("nsd"), zone, port + 1);
                DnsServer steer = steer(zone);
                Asker ofKnot = new Asker(new InetSocketAddress(LOOPBACK, knot.port()));
                Asker ofNsd = new Asker(new InetSocketAddress(LOOPBACK, nsd.port()));
                Asker ofSteer = new Asker(steer.addresses().getFirst())) {
            SplittableRandom random = new SplittableRandom(SEED);
            List<String> differences = new ArrayList<>();
            Set<String> outcomes = new TreeSet<>();
            for (int i = 0; i < BAD_PACKETS; i++) {
                byte[] packet = bad(random, question(random, zone, i).toWire());
                // A marker behind it, so that silence is known by what comes after it.
                byte[] marker = marker(i);
                String here = outcome(ofSteer.ask(packet, marker));
                List<String> there =
                        List.of(
                                outcome(ofKnot.ask(packet, marker)),
                                outcome(ofNsd.ask(packet, marker)));
                outcomes.add(here);
                // Other operations are none here, whatever else is wrong.
                if (packet.length > 2 && (packet[2] & 0x78) != 0 && here.equals("NOTIMP")) continue;
                if (!there.contains(here))
                    differences.add(HexFormat.of().formatHex(packet) + " " + here + " " + there);
            }
            assertThat(differences).isEmpty();
            assertThat(outcomes).contains("no answer", "NOERROR", "NXDOMAIN", "REFUSED", "NOTIMP");
        }
    }

    private DnsServer steer(SampleZone zone) {
        Zones zones = Zones.parse(zone.yaml(), "zones.yaml", 1);
        return DnsServer.open(
                DnsSettings.at("127.0.0.1:0").withRate(new DnsSettings.Rate(0, 2, List.of())),
                folder,
                () -> zones,
                () -> Standings.NONE,
                InstantSource.system(),
                Entropy.system(),
                new SimpleMeterRegistry());
    }

    private static Message question(SplittableRandom random, SampleZone zone, int id)
            throws IOException {
        List<String> names = zone.names();
        String name = names.get(random.nextInt(names.size()));
        switch (random.nextInt(8)) {
            case 0 -> name = "nobody" + random.nextInt(9) + "." + name;
            case 1 -> name = "x.y." + name;
            case 2 -> name = name.substring(Math.max(0, name.indexOf('.') + 1));
            case 3 -> name = name.toUpperCase(Locale.ROOT);
            case 4 -> name = "a." + name;
            default -> {}
        }
        if (random.nextInt(40) == 0) name = "elsewhere.example";
        int type = TYPES[random.nextInt(TYPES.length)];
        Message question =
                Message.newQuery(
                        Record.newRecord(Name.fromString(name, Name.root), type, DClass.IN));
        question.getHeader().setID(id & 0x7fff);
        if (random.nextBoolean()) question.getHeader().unsetFlag(Flags.RD);
        if (random.nextInt(3) > 0)
            question.addRecord(
                    new OPTRecord(
                            512 + random.nextInt(1000), 0, 0, random.nextBoolean() ? 0x8000 : 0),
                    Section.ADDITIONAL);
        return question;
    }

    private static byte[] bad(SplittableRandom random, byte[] packet) {
        return switch (random.nextInt(4)) {
            case 0 -> Arrays.copyOf(packet, random.nextInt(packet.length));
            case 1 -> Arrays.copyOf(packet, packet.length + 1 + random.nextInt(20));
            default -> {
                for (int n = 1 + random.nextInt(3); n > 0; n--)
                    packet[2 + random.nextInt(packet.length - 2)] = (byte) random.nextInt(256);
                yield packet;
            }
        };
    }

    private static byte[] marker(int id) throws IOException {
        Name origin = Name.fromString(SampleZone.ORIGIN, Name.root);
        Message marker = Message.newQuery(Record.newRecord(origin, Type.SOA, DClass.IN));
        marker.getHeader().setID(0x8000 | id);
        return marker.toWire();
    }

    /** Whether what makes no sense is told so, or nothing, is up to a server. */
    private static String outcome(byte[] answer) throws IOException {
        if (answer.length == 0) return "no answer";
        int code = new Header(answer).getRcode();
        return code == Rcode.FORMERR ? "no answer" : Rcode.string(code);
    }

    /** What two servers must agree in. */
    private static String shown(byte[] bytes) throws IOException {
        if (bytes.length == 0) return "silence";
        Message answer = new Message(bytes);
        Header header = answer.getHeader();
        String shown = Rcode.string(answer.getRcode()) + (header.getFlag(Flags.AA) ? " AA" : "");
        if (header.getFlag(Flags.TC)) return shown + " TC";
        shown += "\n answer " + records(answer, Section.ANSWER);
        shown += "\n authority " + records(answer, Section.AUTHORITY);
        boolean referral =
                answer.getSection(Section.AUTHORITY).stream()
                        .anyMatch(record -> record.getType() == Type.NS);
        return referral ? shown + "\n glue " + records(answer, Section.ADDITIONAL) : shown;
    }

    private static Set<String> records(Message answer, int section) {
        Set<String> records = new TreeSet<>();
        for (Record record : answer.getSection(section)) {
            if (record.getType() != Type.OPT)
                records.add(record.toString().toLowerCase(Locale.ROOT).replace('\t', ' '));
        }
        return records;
    }

    /** Sends packets and takes the answers with their ids. */
    private static final class Asker implements AutoCloseable {
        private final DatagramSocket socket;
        private final DatagramPacket received = new DatagramPacket(new byte[65_535], 65_535);

        Asker(InetSocketAddress server) throws IOException {
            socket = new DatagramSocket(0, LOOPBACK);
            socket.connect(server);
            socket.setSoTimeout(PATIENCE_MILLIS);
        }

        byte[] ask(byte[] packet) throws IOException {
            socket.send(new DatagramPacket(packet, packet.length));
            return receive();
        }

        /** The answer to {@code packet}, if one comes before that to {@code marker}. */
        byte[] ask(byte[] packet, byte[] marker) throws IOException {
            socket.send(new DatagramPacket(packet, packet.length));
            socket.send(new DatagramPacket(marker, marker.length));
            byte[] first = receive();
            if (isFor(marker, first)) return new byte[0];
            while (!isFor(marker, receive())) {}
            return first;
        }

        private static boolean isFor(byte[] marker, byte[] answer) {
            return answer.length == 0 || answer[0] == marker[0] && answer[1] == marker[1];
        }

        private byte[] receive() throws IOException {
            try {
                socket.receive(received);
                return Arrays.copyOf(received.getData(), received.getLength());
            } catch (SocketTimeoutException e) {
                return new byte[0];
            }
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
