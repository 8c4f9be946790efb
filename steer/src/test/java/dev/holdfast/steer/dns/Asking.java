package dev.holdfast.steer.dns;

import dev.holdfast.core.Bytes;
import dev.holdfast.steer.pool.Standings;
import dev.holdfast.steer.pool.StandingsOf;
import dev.holdfast.steer.zone.Zones;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.xbill.DNS.DClass;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** A responder without a socket, and questions made with dnsjava. */
final class Asking {
    static final long NOW = 1_800_000_000_000L;
    static final String SECRET = "e5e973e5a6b2a43f48e7dc849e37bfcf";

    Standings standings = StandingsOf.nobody();
    byte[] client = {(byte) 198, 51, 100, 1};
    Responder.Transport transport = Responder.Transport.UDP;
    long millis = NOW;
    Zones zones;

    final Signer signer;
    final Responder responder;
    private final byte[] out = new byte[Responder.MAX_BYTES];

    Asking(String yaml, Path folder, DnsSettings.Rate rate) {
        zones = Zones.parse(yaml, "zones.yaml", 7);
        signer = new Signer(new ZoneKeys(folder));
        Responder.Shared shared =
                new Responder.Shared(
                        DnsSettings.at("127.0.0.1:53").withRate(rate),
                        new Cookies(List.of(Bytes.fromHex(SECRET))),
                        new RateLimit(rate, 1),
                        signer,
                        new DnsCount(new SimpleMeterRegistry()));
        responder = new Responder(shared, new SplittableRandom(3)::nextLong);
    }

    /** Without signed zones, and without a limit. */
    static Asking of(String yaml) {
        return new Asking(yaml, Path.of("no-folder"), unlimited());
    }

    static DnsSettings.Rate unlimited() {
        return new DnsSettings.Rate(0, 2, List.of());
    }

    Asking from(String address) {
        client = InetAddress.ofLiteral(address).getAddress();
        return this;
    }

    Asking over(Responder.Transport other) {
        transport = other;
        return this;
    }

    /** The answer's bytes; none for silence. */
    byte[] bytes(byte[] packet) {
        Responder.Moment now = new Responder.Moment(zones, standings, millis);
        int length = responder.respond(packet, packet.length, client, transport, now, out);
        return Arrays.copyOf(out, length);
    }

    Optional<Message> ask(Message question) throws IOException {
        byte[] answer = bytes(question.toWire());
        return answer.length == 0 ? Optional.empty() : Optional.of(new Message(answer));
    }

    Message ask(String name, int type) throws IOException {
        return ask(question(name, type)).orElseThrow();
    }

    /** With DO, and room for signatures. */
    Message askSigned(String name, int type) throws IOException {
        Message question = question(name, type);
        question.addRecord(new OPTRecord(1232, 0, 0, 0x8000), Section.ADDITIONAL);
        return ask(question).orElseThrow();
    }

    Message ask(String name, int type, EDNSOption... options) throws IOException {
        Message question = question(name, type);
        question.addRecord(new OPTRecord(1232, 0, 0, 0, List.of(options)), Section.ADDITIONAL);
        return ask(question).orElseThrow();
    }

    static Message question(String name, int type) throws IOException {
        Record record = Record.newRecord(Name.fromString(name, Name.root), type, DClass.IN);
        Message question = Message.newQuery(record);
        question.getHeader().unsetFlag(Flags.RD);
        return question;
    }

    /** The data of all records of a section, OPT apart. */
    static List<String> texts(Message message, int section) {
        return message.getSection(section).stream()
                .filter(record -> record.getType() != Type.OPT)
                .map(record ->
                        record.getName()
                                + " "
                                + Type.string(record.getType())
                                + " "
                                + record.rdataToString())
                .toList();
    }

    static List<String> answers(Message message) {
        return texts(message, Section.ANSWER);
    }
}
