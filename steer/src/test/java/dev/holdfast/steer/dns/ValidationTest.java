package dev.holdfast.steer.dns;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.keys.Entropy;
import dev.holdfast.steer.pool.StandingsOf;
import dev.holdfast.steer.zone.Zones;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;
import org.xbill.DNS.dnssec.ValidatingResolver;

/** A validating resolver that knows nothing but the zone's DS record. */
final class ValidationTest {
    private static final String YAML =
            """
            pools:
              regions: {endpoints: {singapore: {addresses: [203.0.113.7]}}}
            zones:
              holdfast.example:
                soa: {primary: ns1, mailbox: hostmaster}
                dnssec: {sign: true}
                records:
                  "@": {ns: [ns1]}
                  ns1: {a: [192.0.2.1]}
                  www: {pool: regions}
                  api: {cname: www}
                  "*.wild": {txt: [any]}
                  sub: {ns: [ns.sub]}
                  ns.sub: {a: [192.0.2.3]}
            """;

    @TempDir Path folder;
    private @Nullable DnsServer server;

    @BeforeEach
    void open() {
        Zones zones = Zones.parse(YAML, "zones.yaml", 1);
        StandingsOf standings = StandingsOf.nobody();
        server =
                DnsServer.open(
                        DnsSettings.at("127.0.0.1:0"),
                        folder,
                        () -> zones,
                        () -> standings,
                        InstantSource.system(),
                        Entropy.system(),
                        new SimpleMeterRegistry());
    }

    @AfterEach
    void close() {
        server().close();
    }

    @Test
    void what_is_there_is_proven() throws IOException {
        for (String name : new String[] {"www", "api"}) {
            Message answer = ask(name, Type.A);
            assertThat(isProven(answer)).as(name).isTrue();
            assertThat(Asking.answers(answer)).anyMatch(text -> text.endsWith("203.0.113.7"));
        }
        assertThat(isProven(ask("x.wild", Type.TXT))).isTrue();
    }

    @Test
    void what_is_not_there_is_proven() throws IOException {
        for (String name : new String[] {"nobody", "a.nobody", "wild", "x.wild", "www"}) {
            Message answer = ask(name, Type.MX);
            assertThat(isProven(answer)).as(name).isTrue();
            assertThat(answer.getSection(Section.ANSWER)).isEmpty();
        }
        assertThat(isProven(ask("sub", Type.DS))).isTrue();
    }

    @Test
    void what_another_key_vouches_for_is_not() throws IOException {
        String ds = server().delegationSigners().getFirst();
        int last = ds.length() - 1;
        String other = ds.substring(0, last) + (ds.charAt(last) == '0' ? '1' : '0');
        assertThat(ask(other, "www", Type.A).getRcode()).isEqualTo(Rcode.SERVFAIL);
    }

    private Message ask(String name, int type) throws IOException {
        return ask(server().delegationSigners().getFirst(), name, type);
    }

    private Message ask(String ds, String name, int type) throws IOException {
        InetSocketAddress at = server().addresses().getFirst();
        ValidatingResolver resolver = new ValidatingResolver(new SimpleResolver(at));
        resolver.loadTrustAnchors(new ByteArrayInputStream((ds + "\n").getBytes(US_ASCII)));
        return resolver.send(Asking.question(name + ".holdfast.example", type));
    }

    private static boolean isProven(Message answer) {
        return answer.getHeader().getFlag(Flags.AD) && answer.getRcode() == Rcode.NOERROR;
    }

    private DnsServer server() {
        if (server == null) throw new IllegalStateException("not opened");
        return server;
    }
}
