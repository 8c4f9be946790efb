package dev.holdfast.steer.dns;

import dev.holdfast.steer.pool.Choice;
import dev.holdfast.steer.pool.Pool;
import dev.holdfast.steer.pool.Standings;
import dev.holdfast.steer.zone.DnsName;
import dev.holdfast.steer.zone.Lines;
import dev.holdfast.steer.zone.Network;
import dev.holdfast.steer.zone.Zones;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

/**
 * What is said to a packet: a function of its bytes, whence and how it came, the zones and
 * standings at that moment, the time, and a lot. All that it remembers are answers that it would
 * make again. It has no thread and no socket. Of one thread; those of one server share what is
 * thread-safe.
 *
 * <p>The same question, from users of one line, has the same answer until zones or standings
 * change, but for endpoints that a lot or the client's network chooses. So ready bytes are looked
 * up by those ({@link AnswerCache}), and only what is not there goes through {@link Resolution}.
 * What differs from packet to packet is written around the bytes: id, the letters of the question
 * as they came (0x20), RD, and OPT with its options.
 *
 * <p>Over UDP an answer is never longer than the asker takes, than the settings allow, and without
 * a valid cookie than 1232 bytes; what does not fit is first left without its optional additional
 * records, then replaced by TC. Beyond the limit of its network, a client without a cookie gets TC
 * now and then, which is no longer than its question, and else nothing.
 */
final class Responder {
    static final int MAX_BYTES = 65_535;

    private static final Logger LOG = LoggerFactory.getLogger(Responder.class);

    private static final int SAFE_UDP_BYTES = 1232;
    private static final int PLAIN_UDP_BYTES = 512;
    private static final int OPT_BYTES = 11;
    private static final int STICKY_V4_BITS = 24;
    private static final int STICKY_V6_BITS = 56;

    private static final byte RESPONSE = (byte) 0x80;
    private static final byte AUTHORITATIVE = 0x04;
    private static final byte TRUNCATED = 0x02;
    private static final byte RECURSION_DESIRED = 0x01;

    private static final int SIGNED_FLAG = 1;
    private static final int COMPACT_FLAG = 2;

    /** How a packet came. */
    enum Transport {
        UDP,
        TCP
    }

    /** What all responders of a server share. */
    record Shared(
            DnsSettings settings,
            Cookies cookies,
            RateLimit limit,
            Signer signer,
            DnsCount count) {}

    /** What is so at one moment. */
    record Moment(Zones zones, Standings standings, long millis) {}

    private final Shared shared;
    private final LongSupplier lots;
    private final Request request = new Request();
    private final AnswerCache cache;

    /** By pool and line. */
    private final Map<String, Map<String, Choice>> choices = new HashMap<>();

    private Zones cachedZones = Zones.NONE;
    private long cachedStandings;
    private int slipped;
    private long complainedMillis;

    // Of the packet that is being answered.
    private byte[] client = new byte[0];
    private int bits;
    private Lines.Found found = Zones.NONE.lines().of(new byte[4], 32);
    private Moment moment = new Moment(Zones.NONE, Standings.NONE, 0);

    /**
     * A thread's own.
     *
     * @param lots numbers that nobody can guess
     */
    Responder(Shared shared, LongSupplier lots) {
        this.shared = shared;
        this.lots = lots;
        this.cache = new AnswerCache(shared.settings().cachedAnswers());
    }

    /**
     * Answers into {@code out}, which has room for {@link #MAX_BYTES}.
     *
     * @param from the client's address, of 4 or 16 bytes
     * @return the length of the answer; 0 to say nothing
     */
    int respond(
            byte[] packet, int length, byte[] from, Transport transport, Moment now, byte[] out) {
        shared.count().asked(transport);
        Request.Kind kind = request.read(packet, length);
        if (kind == Request.Kind.SILENCE) return silent();
        boolean udp = transport == Transport.UDP;
        boolean proved = !udp || hasValidCookie(from, now.millis());
        if (!proved && !shared.limit().take(from, now.millis())) return limited(from, now, out);
        int most = udp ? room(proved) : MAX_BYTES;
        if (kind == Request.Kind.REFUSAL) return bare(request.rcode, false, from, now, out, most);
        try {
            return answer(from, now, out, most);
        } catch (RuntimeException e) {
            // A fault of this program, or a key that cannot be read; other questions may do better.
            complain(now, e);
            return bare(Rcode.SERVFAIL, false, from, now, out, most);
        }
    }

    /** At most once a second, since whoever asks decides how often it happens. */
    private void complain(Moment now, RuntimeException e) {
        if (now.millis() - complainedMillis < 1_000) return;
        complainedMillis = now.millis();
        LOG.error("a question could not be answered: {} {}", request.name(), request.type, e);
    }

    private int silent() {
        shared.count().silent();
        return 0;
    }

    private int limited(byte[] from, Moment now, byte[] out) {
        shared.count().limited();
        if (slipped++ % shared.settings().rate().slip() != 0) return 0;
        return bare(Rcode.NOERROR, true, from, now, out, PLAIN_UDP_BYTES);
    }

    private int room(boolean proved) {
        int asked = request.hasEdns ? Math.max(PLAIN_UDP_BYTES, request.udpSize) : PLAIN_UDP_BYTES;
        int most = Math.min(asked, shared.settings().udpSize());
        return proved ? most : Math.min(most, SAFE_UDP_BYTES);
    }

    private int answer(byte[] from, Moment now, byte[] out, int most) {
        if (now.zones() != cachedZones || now.standings().version() != cachedStandings) {
            cache.clear();
            choices.clear();
            cachedZones = now.zones();
            cachedStandings = now.standings().version();
        }
        moment = now;
        locate(from);
        int flags =
                request.wantsSignatures
                        ? SIGNED_FLAG | (request.takesCompactAnswers ? COMPACT_FLAG : 0)
                        : 0;
        AnswerCache.Entry entry = cache.find(request, found.line(), flags);
        if (entry == null) return first(flags, from, out, most);
        long chosen = entry.choice == null ? 0 : draw(entry.choice);
        ReadyAnswer ready = entry.answer(chosen, now.millis());
        if (ready == null) {
            ready = ready(make(_ -> chosen));
            cache.add(entry, chosen, ready);
        }
        return send(ready, entry.choice, from, out, most);
    }

    /** Nobody of this line has asked that since zones or standings have changed. */
    private int first(int flags, byte[] from, byte[] out, int most) {
        Draft draft = make(this::draw);
        ReadyAnswer ready = ready(draft);
        cache.open(request, found.line(), flags, draft.choice, draft.chosen, ready);
        return send(ready, draft.choice, from, out, most);
    }

    private Draft make(ToLongFunction<Choice> lot) {
        Draft draft = new Draft(null);
        resolve(
                new Resolution.Question(
                        request.name(),
                        request.type,
                        request.wantsSignatures,
                        request.takesCompactAnswers),
                draft,
                lot);
        return draft;
    }

    private ReadyAnswer ready(Draft draft) {
        return new ReadyAnswer(request.name(), request.type, draft);
    }

    /** The client's line: by the subnet that its resolver told, else by the resolver's address. */
    private void locate(byte[] from) {
        int told = request.subnetBits();
        client = told > 0 ? request.subnet() : from;
        bits = told > 0 ? told : from.length * 8;
        found = moment.zones().lines().of(client, bits);
    }

    private void resolve(Resolution.Question question, Draft draft, ToLongFunction<Choice> lot) {
        new Resolution(moment.zones(), shared.signer(), this::choice, lot, moment.millis())
                .resolve(question, draft);
    }

    private Choice choice(Pool pool) {
        String line = moment.zones().lines().names().get(found.line());
        return choices.computeIfAbsent(pool.name(), _ -> new HashMap<>())
                .computeIfAbsent(
                        line,
                        _ ->
                                Choice.of(
                                        pool,
                                        line,
                                        moment.zones().lines().place(line),
                                        moment.standings()));
    }

    private long draw(Choice choice) {
        if (choice.isFixed()) return choice.draw(0);
        return choice.draw(
                choice.isSticky() ? Choice.seed(client, stickyBits()) : lots.getAsLong());
    }

    private int stickyBits() {
        return Math.min(bits, client.length == 4 ? STICKY_V4_BITS : STICKY_V6_BITS);
    }

    private int send(
            ReadyAnswer ready, @Nullable Choice choice, byte[] from, byte[] out, int most) {
        int tail = tailBytes();
        int length = ready.bytes.length;
        int additional = ready.additional;
        if (length + tail > most) {
            length = ready.neededBytes;
            additional = ready.neededAdditional;
            if (length + tail > most) {
                int cut = bare(ready.bytes[3] & 0xf, true, from, moment, out, most);
                out[2] |= (byte) (ready.bytes[2] & AUTHORITATIVE);
                return cut;
            }
        }
        System.arraycopy(ready.bytes, 0, out, 0, length);
        // The question as it came, whatever its letters; id and RD as well.
        System.arraycopy(
                request.packet,
                Request.HEADER_BYTES,
                out,
                Request.HEADER_BYTES,
                request.questionEnd - Request.HEADER_BYTES);
        out[0] = request.packet[0];
        out[1] = request.packet[1];
        out[2] |= (byte) (request.packet[2] & RECURSION_DESIRED);
        // Nobody has authority for all classes: RFC 1034 section 6.2.
        if (request.dclass != DClass.IN) out[2] &= ~AUTHORITATIVE;
        int records = additional + (request.hasEdns ? 1 : 0);
        out[10] = (byte) (records >>> 8);
        out[11] = (byte) records;
        int scope = 0;
        if (choice != null)
            scope = choice.isSticky() ? Math.max(found.bits(), stickyBits()) : found.bits();
        shared.count().answered(ready.bytes[3] & 0xf);
        return opt(out, length, ready.bytes[3] & 0xf, scope, from, moment.millis());
    }

    /** Nothing but a header, the question where it could be read, and OPT. */
    private int bare(int rcode, boolean truncated, byte[] from, Moment now, byte[] out, int most) {
        byte[] packet = request.packet;
        int length = request.questionEnd;
        boolean echoed = length > Request.HEADER_BYTES && length + tailBytes() <= most;
        if (!echoed) length = Request.HEADER_BYTES;
        System.arraycopy(packet, 0, out, 0, length);
        out[2] = (byte) (RESPONSE | (packet[2] & 0x78) | (packet[2] & RECURSION_DESIRED));
        if (truncated) out[2] |= TRUNCATED;
        out[3] = (byte) (rcode & 0xf);
        for (int i = 4; i < Request.HEADER_BYTES; i++) out[i] = 0;
        out[5] = (byte) (echoed ? 1 : 0);
        out[11] = (byte) (request.hasEdns ? 1 : 0);
        shared.count().answered(rcode);
        return opt(out, length, rcode, 0, from, now.millis());
    }

    private int tailBytes() {
        if (!request.hasEdns) return 0;
        int bytes = OPT_BYTES;
        if (request.cookieAt >= 0) bytes += 4 + Cookies.CLIENT_BYTES + Cookies.SERVER_BYTES;
        if (request.subnetAt >= 0) bytes += 4 + request.subnetLength;
        return bytes;
    }

    /** Writes OPT where the asker sent one; answers where it ends. */
    private int opt(byte[] out, int at, int rcode, int scope, byte[] from, long millis) {
        if (!request.hasEdns) return at;
        int options = tailBytes() - OPT_BYTES;
        int to = at;
        out[to++] = 0;
        to = number(out, to, Type.OPT);
        to = number(out, to, shared.settings().udpSize());
        out[to++] = (byte) (rcode >>> 4);
        out[to++] = 0;
        to = number(out, to, request.wantsSignatures ? 0x8000 : 0);
        to = number(out, to, options);
        if (request.cookieAt >= 0) {
            to = number(out, to, Request.COOKIE);
            to = number(out, to, Cookies.CLIENT_BYTES + Cookies.SERVER_BYTES);
            System.arraycopy(request.packet, request.cookieAt, out, to, Cookies.CLIENT_BYTES);
            to += Cookies.CLIENT_BYTES;
            int seconds = (int) (millis / 1000);
            shared.cookies().write(request.packet, request.cookieAt, from, seconds, out, to);
            to += Cookies.SERVER_BYTES;
        }
        if (request.subnetAt >= 0) {
            to = number(out, to, Request.CLIENT_SUBNET);
            to = number(out, to, request.subnetLength);
            System.arraycopy(request.packet, request.subnetAt, out, to, request.subnetLength);
            out[to + 3] = (byte) (request.subnetBits() > 0 ? scope : 0);
            to += request.subnetLength;
        }
        return to;
    }

    private static int number(byte[] out, int at, int value) {
        out[at] = (byte) (value >>> 8);
        out[at + 1] = (byte) value;
        return at + 2;
    }

    private boolean hasValidCookie(byte[] from, long millis) {
        return request.cookieAt >= 0
                && shared.cookies()
                        .isValid(
                                request.packet,
                                request.cookieAt,
                                request.cookieLength,
                                from,
                                (int) (millis / 1000));
    }

    /** What {@code asker} would be answered, and why: by the same steps, and without the cache. */
    Explanation explain(DnsName name, int type, InetAddress asker, Moment now) {
        moment = now;
        choices.clear();
        client = asker.getAddress();
        bits = client.length * 8;
        found = now.zones().lines().of(client, bits);
        Draft draft = new Draft(new ArrayList<>());
        resolve(new Resolution.Question(name, type, false, false), draft, this::draw);
        String line = now.zones().lines().names().get(found.line());
        String why =
                found.network()
                        .map(Network::toString)
                        .map(network -> asker.getHostAddress() + " is in " + network)
                        .orElse(asker.getHostAddress() + " is in no line's networks");
        return new Explanation(
                name + " " + Type.string(type),
                line,
                why,
                draft.steps == null ? List.of() : draft.steps,
                draft.choice == null ? List.of() : List.of(chosen(draft.choice, draft.chosen)),
                Rcode.string(draft.rcode),
                draft.answer.stream().flatMap(set -> RecordText.of(set).stream()).toList());
    }

    private Explanation.Chosen chosen(Choice choice, long chosen) {
        String how = "the same for everybody on the line";
        if (choice.isSticky())
            how =
                    "by the client's network, "
                            + Network.of(client, stickyBits())
                            + ": the same each time";
        else if (!choice.isFixed()) how = "by lot, each time anew";
        return new Explanation.Chosen(
                choice.pool().name(),
                choice.pool().settings().policy().name().toLowerCase(Locale.ROOT),
                choice.among(),
                how,
                choice.considered(),
                choice.endpoints(chosen).stream()
                        .map(endpoint -> endpoint.name().endpoint())
                        .toList());
    }
}
