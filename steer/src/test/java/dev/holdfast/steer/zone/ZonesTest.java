package dev.holdfast.steer.zone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.node.settings.SettingsException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Type;

final class ZonesTest {
    private static final String HEAD =
            """
            pools:
              regions: {endpoints: {singapore: {addresses: [203.0.113.7]}}}
              aliases: {endpoints: {elsewhere: {name: edge.provider.net}}}
              inward: {endpoints: {here: {name: www.holdfast.example}}}
            zones:
              holdfast.example:
                soa: {primary: ns1.holdfast.example, mailbox: hostmaster@holdfast.example}
                records:
                  "@": {ns: [ns1]}
                  ns1: {a: [192.0.2.1]}
            """;

    @Test
    void what_is_asked_leads_to_what_stands_for_it() {
        Zone zone =
                zone(
                        """
                        deep.a.b: {txt: [x]}
                        "*.wild": {txt: [any]}
                        there.wild: {a: [192.0.2.2]}
                        sub: {ns: [ns.sub]}
                        ns.sub: {a: [192.0.2.3]}
                        """);
        assertThat(find(zone, "ns1")).isInstanceOf(Zone.Found.Exact.class);
        assertThat(find(zone, "a.b")).isInstanceOf(Zone.Found.Exact.class);
        assertThat(find(zone, "x.wild")).isInstanceOf(Zone.Found.Wild.class);
        assertThat(find(zone, "x.y.wild")).isInstanceOf(Zone.Found.Wild.class);
        // RFC 4592: an existing name is no wildcard's, nor is what would be below it.
        assertThat(find(zone, "x.there.wild")).isInstanceOf(Zone.Found.Missing.class);
        assertThat(find(zone, "x.deep.a.b")).isInstanceOf(Zone.Found.Missing.class);
        assertThat(find(zone, "sub")).isInstanceOf(Zone.Found.Delegated.class);
        assertThat(find(zone, "ns.sub")).isInstanceOf(Zone.Found.Delegated.class);
        assertThat(find(zone, "no.where.sub")).isInstanceOf(Zone.Found.Delegated.class);
        DnsName sub = DnsName.parse("sub.holdfast.example");
        assertThat(zone.find(sub, Type.DS)).isInstanceOf(Zone.Found.Exact.class);
    }

    @Test
    void the_zone_with_the_longest_name_holds_a_name() {
        Zones zones =
                Zones.parse(
                        HEAD
                                + indented(
                                        """
                                        sub: {ns: [ns1]}
                                        """)
                                + """
                                  sub.holdfast.example:
                                    soa: {primary: ns1.holdfast.example, mailbox: a.b.example}
                                    records:
                                      "@": {ns: [ns1.holdfast.example.]}
                                """,
                        "zones.yaml",
                        1);
        assertThat(zones.holding(DnsName.parse("x.sub.holdfast.example")).orElseThrow().origin())
                .isEqualTo(DnsName.parse("sub.holdfast.example"));
        assertThat(zones.holding(DnsName.parse("xsub.holdfast.example")).orElseThrow().origin())
                .isEqualTo(DnsName.parse("holdfast.example"));
        assertThat(zones.holding(DnsName.parse("example"))).isEmpty();
    }

    @Test
    void mistakes_are_named_with_their_lines() {
        assertThat(problems("api: {cname: nowhere}"))
                .containsExactly(
                        "zones.yaml:11: nowhere.holdfast.example is not in this zone; a name"
                                + " elsewhere ends with a dot");
        assertThat(problems("www: {pool: region}"))
                .containsExactly(
                        "zones.yaml:11: there is no pool \"region\"; there are [regions, aliases,"
                                + " inward]");
        assertThat(problems("www: {a: [1.2.3]}"))
                .singleElement()
                .asString()
                .contains(":11: \"1.2.3\"");
        assertThat(problems("www: {a: [192.0.2.9]}\nwww.: {a: [192.0.2.8]}"))
                .singleElement()
                .asString()
                .startsWith("zones.yaml:12: ");
        assertThat(problems("www: {aa: [192.0.2.9]}"))
                .singleElement()
                .asString()
                .contains("did you mean");
    }

    @Test
    void what_makes_answers_wrong_is_refused() {
        assertRefused("x: {cname: ns1, txt: [y]}", "a cname stands alone");
        assertRefused("x: {cname: y}\ny: {cname: x}", "in a circle");
        assertRefused("sub: {ns: [ns.sub]}", "ns.sub.holdfast.example has no a or aaaa here");
        assertRefused("sub: {ns: [ns1]}\nx.sub: {txt: [y]}", "sub.holdfast.example is delegated");
        assertRefused(
                "x: {ds: ['1 13 2 %s']}".formatted("00".repeat(32)), "ds stands beside the ns");
        assertRefused("\"*\": {ns: [ns1]}", "a wildcard is not delegated");
        assertRefused("x: {ns: [ns1.holdfast.example]}", "end a whole name with a dot");
        assertRefused("x: {pool: aliases, txt: [y]}", "answers with CNAME");
        assertRefused("x: {pool: inward}\nwww: {pool: regions}", "which has a pool itself");
        assertRefused("x.*.y: {a: [192.0.2.1]}", "* is its first part");
        assertRefused("NS1: {a: [192.0.2.1]}", "stands here a second time");
    }

    @Test
    void an_apex_needs_servers_and_no_alias() {
        String yaml = HEAD.replace("\"@\": {ns: [ns1]}", "\"@\": {txt: [x]}");
        assertThat(refused(yaml)).anyMatch(line -> line.contains(":9: the apex \"@\" has no ns"));
    }

    @Test
    void a_pool_must_have_somebody_for_each_line() {
        assertThat(
                        refused(
                                """
                                lines: {inside: {networks: [10.0.0.0/8]}}
                                pools:
                                  regions:
                                    endpoints: {a: {addresses: [10.0.0.1], lines: [inside]}}
                                """))
                .containsExactly("zones.yaml:4: none of its endpoints is for the line default");
    }

    @Test
    void a_serial_of_the_file_wins_over_the_given_one() {
        assertThat(Zones.parse(HEAD, "zones.yaml", 7).zones().values())
                .singleElement()
                .extracting(Zone::serial)
                .isEqualTo(7L);
        String own = HEAD.replace("mailbox:", "serial: 4294967295, mailbox:");
        assertThat(Zones.parse(own, "zones.yaml", 7).zones().values())
                .singleElement()
                .extracting(Zone::serial)
                .isEqualTo(4_294_967_295L);
    }

    @Test
    void records_are_sorted_and_none_stands_twice() {
        Zone zone = zone("x: {a: [192.0.2.9, 192.0.2.1, 192.0.2.9]}");
        assertThat(set(zone, Type.A).data())
                .extracting(data -> data[3])
                .containsExactly((byte) 1, (byte) 9);
    }

    @Test
    void a_text_needs_no_quotes_and_may_be_long() {
        Zone zone = zone("x: {txt: ['v=spf1 a:\"x\" -all', '%s']}".formatted("y".repeat(600)));
        assertThat(set(zone, Type.TXT).data())
                .extracting(data -> data.length)
                .containsExactlyInAnyOrder(18, 603);
    }

    private static Zone.Found find(Zone zone, String name) {
        return zone.find(DnsName.parse(name + ".holdfast.example"), Type.A);
    }

    private static RecordSet set(Zone zone, int type) {
        Node node = zone.at(DnsName.parse("x.holdfast.example")).orElseThrow();
        return Objects.requireNonNull(node.set(type));
    }

    private static Zone zone(String records) {
        Zones zones = Zones.parse(HEAD + indented(records), "zones.yaml", 1);
        return zones.holding(DnsName.parse("holdfast.example")).orElseThrow();
    }

    private static void assertRefused(String records, String why) {
        assertThat(problems(records)).anyMatch(problem -> problem.contains(why));
    }

    private static List<String> problems(String records) {
        return refused(HEAD + indented(records));
    }

    private static List<String> refused(String yaml) {
        try {
            Zones.parse(yaml, "zones.yaml", 1);
            return List.of();
        } catch (SettingsException e) {
            return e.problems();
        }
    }

    private static String indented(String records) {
        return records.indent(6);
    }
}
