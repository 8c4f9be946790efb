package dev.holdfast.steer.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.steer.pool.StandingsOf;
import dev.holdfast.steer.zone.DnsName;
import dev.holdfast.steer.zone.Zones;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.ClientSubnetOption;
import org.xbill.DNS.CookieOption;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

final class ResponderTest {
    private static final String YAML =
            """
            lines:
              inside: {networks: [10.1.0.0/16, "2001:db8:1::/48"]}
            pools:
              regions:
                endpoints:
                  singapore: {addresses: [203.0.113.7, "2001:db8::7"], priority: 1}
                  jakarta: {addresses: [203.0.113.9], priority: 2}
                  local: {addresses: [10.1.0.5], priority: 0, lines: [inside]}
              shared:
                policy: weighted
                alpn: [h2]
                endpoints:
                  one: {addresses: [198.51.100.1]}
                  two: {addresses: [198.51.100.2], port: 8443}
              stuck:
                policy: weighted
                sticky: true
                endpoints:
                  one: {addresses: [198.51.100.1]}
                  two: {addresses: [198.51.100.2]}
              named:
                endpoints:
                  own: {name: own.holdfast.example, priority: 1}
                  else: {name: edge.provider.net, priority: 2}
              lost: {endpoints: {nobody: {name: nobody.holdfast.example}}}
            zones:
              holdfast.example:
                soa: {primary: ns1.holdfast.example, mailbox: a.b@holdfast.example, negative: 30s}
                records:
                  "@": {ns: [ns1], mx: ["10 mail"]}
                  ns1: {a: [192.0.2.1]}
                  mail: {a: [192.0.2.2]}
                  own: {a: [192.0.2.4]}
                  www: {pool: regions}
                  shared: {pool: shared}
                  _https._tcp.shared: {pool: shared}
                  stuck: {pool: stuck}
                  named: {pool: named}
                  api: {cname: www}
                  outward: {cname: www.other.example.}
                  gone: {cname: lost}
                  lost: {pool: lost}
                  a.b.c: {txt: [deep]}
                  "*.wild": {txt: [any]}
                  sub: {ns: [ns.sub, ns.elsewhere.example.]}
                  ns.sub: {a: [192.0.2.3]}
                  large: {txt: [%s]}
            """
                    .formatted(large());

    private final Asking asking = Asking.of(YAML);

    /** Nearly 3000 bytes. */
    private static String large() {
        String text = "";
        for (int i = 0; i < 14; i++) text += (i == 0 ? "" : ", ") + "x" + i + "y".repeat(200);
        return text;
    }

    @Test
    void what_is_there_is_answered_with_authority() throws IOException {
        Message answer = asking.ask("MAIL.holdfast.Example", Type.A);
        assertThat(answer.getRcode()).isEqualTo(Rcode.NOERROR);
        assertThat(answer.getHeader().getFlag(Flags.AA)).isTrue();
        assertThat(answer.getHeader().getFlag(Flags.RA)).isFalse();
        assertThat(Asking.answers(answer)).containsExactly("MAIL.holdfast.Example. A 192.0.2.2");
    }

    @Test
    void the_letters_of_the_question_come_back_as_they_were_also_from_the_cache()
            throws IOException {
        for (String name : List.of("mail.holdfast.example.", "mAiL.HOLDfast.example."))
            assertThat(Objects.requireNonNull(asking.ask(name, Type.A).getQuestion()).getName())
                    .hasToString(name);
    }

    @Test
    void what_is_not_there_is_denied_for_as_long_as_the_soa_says() throws IOException {
        Message answer = asking.ask("nobody.holdfast.example", Type.A);
        assertThat(answer.getRcode()).isEqualTo(Rcode.NXDOMAIN);
        assertThat(answer.getHeader().getFlag(Flags.AA)).isTrue();
        SOARecord soa = (SOARecord) answer.getSection(Section.AUTHORITY).getFirst();
        assertThat(soa.getTTL()).isEqualTo(30);
        assertThat(soa.getSerial()).isEqualTo(7);
        assertThat(soa.getAdmin()).hasToString("a\\.b.holdfast.example.");
    }

    @Test
    void another_type_and_a_name_on_the_way_to_another_have_no_data() throws IOException {
        for (String name : List.of("mail", "b.c", "c", "x.wild")) {
            Message answer = asking.ask(name + ".holdfast.example", Type.AAAA);
            assertThat(answer.getRcode()).as(name).isEqualTo(Rcode.NOERROR);
            assertThat(answer.getSection(Section.ANSWER)).isEmpty();
            assertThat(answer.getSection(Section.AUTHORITY))
                    .singleElement()
                    .isInstanceOf(SOARecord.class);
        }
    }

    @Test
    void a_wildcard_answers_in_the_name_that_was_asked() throws IOException {
        assertThat(Asking.answers(asking.ask("x.y.wild.holdfast.example", Type.TXT)))
                .containsExactly("x.y.wild.holdfast.example. TXT any");
    }

    @Test
    void an_alias_is_followed_in_its_zone_only() throws IOException {
        assertThat(Asking.answers(asking.ask("api.holdfast.example", Type.A)))
                .containsExactly(
                        "api.holdfast.example. CNAME www.holdfast.example.",
                        "www.holdfast.example. A 203.0.113.7");
        assertThat(Asking.answers(asking.ask("outward.holdfast.example", Type.A)))
                .containsExactly("outward.holdfast.example. CNAME www.other.example.");
        assertThat(Asking.answers(asking.ask("api.holdfast.example", Type.CNAME))).hasSize(1);
    }

    @Test
    void the_code_is_that_of_the_last_name_of_a_chain() throws IOException {
        Message answer = asking.ask("gone.holdfast.example", Type.A);
        assertThat(answer.getSection(Section.ANSWER)).hasSize(2);
        assertThat(answer.getRcode()).isEqualTo(Rcode.NXDOMAIN);
    }

    @Test
    void a_delegation_is_referred_to_with_glue_and_without_authority() throws IOException {
        Message answer = asking.ask("x.sub.holdfast.example", Type.A);
        assertThat(answer.getHeader().getFlag(Flags.AA)).isFalse();
        assertThat(answer.getSection(Section.ANSWER)).isEmpty();
        assertThat(Asking.texts(answer, Section.AUTHORITY))
                .containsExactlyInAnyOrder(
                        "sub.holdfast.example. NS ns.sub.holdfast.example.",
                        "sub.holdfast.example. NS ns.elsewhere.example.");
        assertThat(Asking.texts(answer, Section.ADDITIONAL))
                .containsExactly("ns.sub.holdfast.example. A 192.0.2.3");
        assertThat(asking.ask("sub.holdfast.example", Type.DS).getHeader().getFlag(Flags.AA))
                .isTrue();
    }

    @Test
    void a_question_for_everything_gets_little() throws IOException {
        assertThat(Asking.answers(asking.ask("holdfast.example", Type.ANY)))
                .containsExactly("holdfast.example. HINFO \"RFC8482\" \"\"");
        assertThat(asking.ask("nobody.holdfast.example", Type.ANY).getRcode())
                .isEqualTo(Rcode.NXDOMAIN);
    }

    @Test
    void what_is_no_business_of_this_server_is_refused() throws IOException {
        assertThat(asking.ask("other.example", Type.A).getRcode()).isEqualTo(Rcode.REFUSED);
        assertThat(asking.ask("holdfast.example", Type.AXFR).getRcode()).isEqualTo(Rcode.REFUSED);
        Name name = Name.fromString("version.bind.");
        Message chaos = Message.newQuery(Record.newRecord(name, Type.TXT, DClass.CH));
        assertThat(asking.ask(chaos).orElseThrow().getRcode()).isEqualTo(Rcode.REFUSED);
        Message update = Asking.question("holdfast.example", Type.SOA);
        update.getHeader().setOpcode(Opcode.UPDATE);
        assertThat(asking.ask(update).orElseThrow().getRcode()).isEqualTo(Rcode.NOTIMP);
    }

    @Test
    void an_answer_is_never_answered() throws IOException {
        Message question = Asking.question("mail.holdfast.example", Type.A);
        question.getHeader().setFlag(Flags.QR);
        assertThat(asking.ask(question)).isEmpty();
        assertThat(asking.bytes(new byte[11])).isEmpty();
    }

    @Test
    void a_damaged_packet_is_a_format_error_with_its_id() throws IOException {
        byte[] whole = Asking.question("mail.holdfast.example", Type.A).toWire();
        byte[] longer = Arrays.copyOf(whole, whole.length + 3);
        Header header = new Header(asking.bytes(longer));
        assertThat(header.getRcode()).isEqualTo(Rcode.FORMERR);
        assertThat(header.getID()).isEqualTo(new Header(whole).getID());
        for (int length = 12; length < whole.length; length++) {
            byte[] cut = asking.bytes(Arrays.copyOf(whole, length));
            assertThat(new Header(cut).getRcode()).isEqualTo(Rcode.FORMERR);
        }
    }

    @Test
    void an_unknown_version_of_edns_is_told_which_is_known() throws IOException {
        Message question = Asking.question("mail.holdfast.example", Type.A);
        question.addRecord(new OPTRecord(1232, 0, 1), Section.ADDITIONAL);
        Message answer = asking.ask(question).orElseThrow();
        assertThat(answer.getRcode()).isEqualTo(Rcode.BADVERS);
        assertThat(Objects.requireNonNull(answer.getOPT()).getVersion()).isZero();
        assertThat(answer.getSection(Section.ANSWER)).isEmpty();
    }

    @Test
    void who_sends_no_edns_gets_none() throws IOException {
        assertThat(asking.ask("mail.holdfast.example", Type.A).getOPT()).isNull();
    }

    @Test
    void what_does_not_fit_is_asked_again_over_tcp() throws IOException {
        Message answer = asking.ask("large.holdfast.example", Type.TXT);
        assertThat(answer.getHeader().getFlag(Flags.TC)).isTrue();
        assertThat(answer.getSection(Section.ANSWER)).isEmpty();
        Message whole =
                asking.over(Responder.Transport.TCP).ask("large.holdfast.example", Type.TXT);
        assertThat(whole.getHeader().getFlag(Flags.TC)).isFalse();
        assertThat(whole.getSection(Section.ANSWER)).hasSize(14);
    }

    @Test
    void a_line_is_told_by_the_address_or_by_the_client_subnet() throws IOException {
        assertThat(Asking.answers(asking.from("10.1.2.3").ask("www.holdfast.example", Type.A)))
                .containsExactly("www.holdfast.example. A 10.1.0.5");
        Message answer = asking.from("192.0.2.53").ask("www.holdfast.example", Type.A, subnet(24));
        assertThat(Asking.answers(answer)).containsExactly("www.holdfast.example. A 10.1.0.5");
        assertThat(subnet(answer).getScopePrefixLength()).isEqualTo(16);
        // Who wants no tailored answer is answered by the resolver's own address.
        Message without = asking.ask("www.holdfast.example", Type.A, subnet(0));
        assertThat(Asking.answers(without)).containsExactly("www.holdfast.example. A 203.0.113.7");
        assertThat(subnet(without).getScopePrefixLength()).isZero();
    }

    @Test
    void an_answer_that_is_the_same_for_all_has_scope_0() throws IOException {
        Message answer = asking.ask("mail.holdfast.example", Type.A, subnet(24));
        assertThat(subnet(answer).getSourcePrefixLength()).isEqualTo(24);
        assertThat(subnet(answer).getScopePrefixLength()).isZero();
    }

    @Test
    void a_pool_answers_with_those_that_work_at_that_moment() throws IOException {
        assertThat(Asking.answers(asking.ask("www.holdfast.example", Type.A)))
                .containsExactly("www.holdfast.example. A 203.0.113.7");
        asking.standings = StandingsOf.nobody().down("regions/singapore");
        assertThat(Asking.answers(asking.ask("www.holdfast.example", Type.A)))
                .containsExactly("www.holdfast.example. A 203.0.113.9");
        Message none = asking.ask("www.holdfast.example", Type.AAAA);
        assertThat(none.getRcode()).isEqualTo(Rcode.NOERROR);
        assertThat(none.getSection(Section.AUTHORITY).getFirst().getTTL()).isEqualTo(5);
    }

    @Test
    void a_lot_is_drawn_for_each_answer_also_from_the_cache() throws IOException {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 40; i++)
            seen.addAll(Asking.answers(asking.ask("shared.holdfast.example", Type.A)));
        assertThat(seen)
                .containsExactlyInAnyOrder(
                        "shared.holdfast.example. A 198.51.100.1",
                        "shared.holdfast.example. A 198.51.100.2");
    }

    @Test
    void a_sticky_pool_answers_a_network_alike_and_says_for_whom() throws IOException {
        Set<String> seen = new HashSet<>();
        for (int net = 0; net < 30; net++) {
            asking.from("198.51." + net + ".1");
            List<String> first = Asking.answers(asking.ask("stuck.holdfast.example", Type.A));
            asking.from("198.51." + net + ".250");
            assertThat(Asking.answers(asking.ask("stuck.holdfast.example", Type.A)))
                    .isEqualTo(first);
            seen.addAll(first);
        }
        assertThat(seen).hasSize(2);
        Message answer = asking.ask("stuck.holdfast.example", Type.A, subnet(24));
        assertThat(subnet(answer).getScopePrefixLength()).isEqualTo(24);
    }

    @Test
    void services_are_named_with_ports_and_their_endpoints_have_names() throws IOException {
        asking.standings = StandingsOf.nobody().down("shared/one");
        Message srv = asking.ask("_https._tcp.shared.holdfast.example", Type.SRV);
        assertThat(Asking.answers(srv))
                .containsExactly(
                        "_https._tcp.shared.holdfast.example. SRV 1 1 8443"
                                + " two.shared.holdfast.example.");
        assertThat(Asking.texts(srv, Section.ADDITIONAL))
                .containsExactly("two.shared.holdfast.example. A 198.51.100.2");
        assertThat(Asking.answers(asking.ask("shared.holdfast.example", Type.HTTPS)))
                .containsExactly(
                        "shared.holdfast.example. HTTPS 1 two.shared.holdfast.example. alpn=h2"
                                + " port=8443 ipv4hint=198.51.100.2");
        // A name that a pool has at all times is there, whether an endpoint is up or not.
        assertThat(Asking.answers(asking.ask("one.shared.holdfast.example", Type.A)))
                .containsExactly("one.shared.holdfast.example. A 198.51.100.1");
    }

    @Test
    void an_endpoint_by_name_is_an_alias() throws IOException {
        assertThat(Asking.answers(asking.ask("named.holdfast.example", Type.A)))
                .containsExactly(
                        "named.holdfast.example. CNAME own.holdfast.example.",
                        "own.holdfast.example. A 192.0.2.4");
        asking.standings = StandingsOf.nobody().down("named/own");
        assertThat(Asking.answers(asking.ask("named.holdfast.example", Type.TXT)))
                .containsExactly("named.holdfast.example. CNAME edge.provider.net.");
    }

    @Test
    void a_changed_zone_is_answered_from_at_once() throws IOException {
        asking.ask("mail.holdfast.example", Type.A);
        asking.zones = Zones.parse(YAML.replace("192.0.2.2", "192.0.2.77"), "zones.yaml", 8);
        assertThat(Asking.answers(asking.ask("mail.holdfast.example", Type.A)))
                .containsExactly("mail.holdfast.example. A 192.0.2.77");
    }

    @Test
    void more_names_than_are_kept_are_all_answered_right() throws IOException {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 40_000; i++) {
                String name = "n" + i + ".wild.holdfast.example.";
                Message answer = asking.ask(name, i % 2 == 0 ? Type.TXT : Type.A);
                assertThat(answer.getSection(Section.ANSWER)).hasSize(i % 2 == 0 ? 1 : 0);
                if (i % 2 == 0)
                    assertThat(answer.getSection(Section.ANSWER).getFirst().getName())
                            .hasToString(name);
            }
        }
    }

    @Test
    void a_cookie_that_came_back_frees_from_the_limit() throws IOException {
        Asking limited =
                new Asking(YAML, Path.of("no-folder"), new DnsSettings.Rate(5, 2, List.of()));
        byte[] own = Bytes.fromHex("2464c4abcf10c957").toArray();
        CookieOption given =
                limited
                        .ask("mail.holdfast.example", Type.A, new CookieOption(own))
                        .getOPT()
                        .getOptions()
                        .stream()
                        .map(CookieOption.class::cast)
                        .findFirst()
                        .orElseThrow();
        byte[] server = given.getServerCookie().orElseThrow();
        int silent = 0;
        int cut = 0;
        for (int i = 0; i < 44; i++) {
            Optional<Message> answer =
                    limited.ask(Asking.question("mail.holdfast.example", Type.A));
            if (answer.isEmpty()) silent++;
            else if (answer.get().getHeader().getFlag(Flags.TC)) cut++;
        }
        assertThat(silent).isEqualTo(20);
        assertThat(cut).isEqualTo(20);
        CookieOption both = new CookieOption(own, server);
        for (int i = 0; i < 100; i++)
            assertThat(Asking.answers(limited.ask("mail.holdfast.example", Type.A, both)))
                    .hasSize(1);
        // From another address it is worth nothing.
        limited.from("192.0.2.99");
        int answered = 0;
        for (int i = 0; i < 20; i++) {
            Message question = Asking.question("mail.holdfast.example", Type.A);
            question.addRecord(new OPTRecord(1232, 0, 0, 0, List.of(both)), Section.ADDITIONAL);
            if (limited.ask(question)
                    .filter(answer -> !answer.getHeader().getFlag(Flags.TC))
                    .isPresent()) answered++;
        }
        assertThat(answered).isEqualTo(5);
    }

    @Test
    void an_explanation_is_what_is_answered() throws IOException {
        asking.standings = StandingsOf.nobody().down("regions/singapore");
        Explanation why =
                asking.responder.explain(
                        DnsName.parse("api.holdfast.example"),
                        Type.A,
                        InetAddress.ofLiteral("198.51.100.1"),
                        new Responder.Moment(asking.zones, asking.standings, Asking.NOW));
        assertThat(why.line()).isEqualTo("default");
        assertThat(why.answer())
                .containsExactly(
                        "api.holdfast.example. 3600 IN CNAME www.holdfast.example.",
                        "www.holdfast.example. 5 IN A 203.0.113.9");
        Explanation.Chosen chosen = why.choices().getFirst();
        assertThat(chosen.named()).containsExactly("jakarta");
        assertThat(chosen.considered())
                .extracting(considered -> considered.reason())
                .containsExactly("no answer", "priority 2", "not for the line default");
        assertThat(Asking.answers(asking.ask("api.holdfast.example", Type.A)).getLast())
                .isEqualTo("www.holdfast.example. A 203.0.113.9");
    }

    private static ClientSubnetOption subnet(int bits) {
        String address = bits == 0 ? "0.0.0.0" : "10.1.2.0";
        return new ClientSubnetOption(bits, 0, InetAddress.ofLiteral(address));
    }

    private static ClientSubnetOption subnet(Message answer) {
        return Objects.requireNonNull(answer.getOPT()).getOptions().stream()
                .filter(ClientSubnetOption.class::isInstance)
                .map(ClientSubnetOption.class::cast)
                .findFirst()
                .orElseThrow();
    }
}
