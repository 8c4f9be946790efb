package dev.holdfast.steer.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.steer.zone.DnsName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.DNSKEYRecord;
import org.xbill.DNS.DNSSEC;
import org.xbill.DNS.DSRecord;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSECRecord;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.RRSIGRecord;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** What is signed here is verified by dnsjava. */
final class SignerTest {
    private static final String YAML =
            """
            pools:
              regions:
                policy: weighted
                endpoints:
                  singapore: {addresses: [203.0.113.7]}
                  jakarta: {addresses: [203.0.113.9]}
            zones:
              holdfast.example:
                soa: {primary: ns1.holdfast.example, mailbox: a@holdfast.example}
                dnssec: {sign: true, validity: 3d}
                records:
                  "@": {ns: [ns1], mx: ["10 ns1"]}
                  ns1: {a: [192.0.2.1]}
                  www: {pool: regions}
                  api: {cname: www}
                  "*.wild": {txt: [any]}
                  sub: {ns: [ns.sub]}
                  ns.sub: {a: [192.0.2.3]}
                  safe: {ns: [ns1], ds: ["%s"]}
            """
                    .formatted("4711 13 2 " + "AB".repeat(32));

    @TempDir Path folder;
    private Asking asking;
    private DNSKEYRecord key;

    @BeforeEach
    void ask_for_the_key() throws IOException {
        asking = new Asking(YAML, folder, Asking.unlimited());
        key =
                (DNSKEYRecord)
                        asking.askSigned("holdfast.example", Type.DNSKEY)
                                .getSection(Section.ANSWER)
                                .getFirst();
    }

    @Test
    void everything_that_the_zone_says_itself_is_signed() throws Exception {
        for (String name : List.of("", "ns1.", "www.", "api.", "x.wild.", "nobody.", "wild."))
            for (int type : List.of(Type.A, Type.MX, Type.TXT, Type.SOA, Type.ANY, Type.CDS))
                verify(asking.askSigned(name + "holdfast.example", type));
    }

    @Test
    void who_wants_no_signatures_gets_none() throws IOException {
        Message answer = asking.ask("nobody.holdfast.example", Type.A);
        assertThat(answer.getRcode()).isEqualTo(Rcode.NXDOMAIN);
        assertThat(answer.getSection(Section.AUTHORITY)).hasSize(1);
    }

    @Test
    void a_missing_name_is_denied_by_a_record_of_its_own() throws IOException {
        Message answer = asking.askSigned("nobody.holdfast.example", Type.A);
        assertThat(answer.getRcode()).isEqualTo(Rcode.NOERROR);
        NSECRecord denial = denial(answer);
        assertThat(denial.getName()).hasToString("nobody.holdfast.example.");
        assertThat(denial.getNext()).hasToString("\\000.nobody.holdfast.example.");
        assertThat(denial.getTypes()).containsExactly(Type.RRSIG, Type.NSEC, 128);
    }

    @Test
    void who_knows_compact_answers_is_also_told_by_the_code() throws IOException {
        Message question = Asking.question("nobody.holdfast.example", Type.A);
        question.addRecord(new OPTRecord(1232, 0, 0, 0xC000), Section.ADDITIONAL);
        assertThat(asking.ask(question).orElseThrow().getRcode()).isEqualTo(Rcode.NXDOMAIN);
    }

    @Test
    void a_missing_type_is_denied_by_those_that_are_there() throws IOException {
        assertThat(denial(asking.askSigned("ns1.holdfast.example", Type.AAAA)).getTypes())
                .containsExactly(Type.A, Type.RRSIG, Type.NSEC);
        // It may have addresses of the other family when others are chosen.
        assertThat(denial(asking.askSigned("www.holdfast.example", Type.TXT)).getTypes())
                .containsExactly(Type.A, Type.AAAA, Type.RRSIG, Type.NSEC);
        assertThat(denial(asking.askSigned("wild.holdfast.example", Type.A)).getTypes())
                .containsExactly(Type.RRSIG, Type.NSEC);
        assertThat(denial(asking.askSigned("x.wild.holdfast.example", Type.A)).getTypes())
                .containsExactly(Type.TXT, Type.RRSIG, Type.NSEC);
    }

    @Test
    void a_delegation_is_signed_only_where_the_zone_has_authority() throws Exception {
        Message unsigned = asking.askSigned("x.sub.holdfast.example", Type.A);
        assertThat(types(unsigned, Section.AUTHORITY))
                .containsExactlyInAnyOrder(Type.NS, Type.NSEC, Type.RRSIG);
        assertThat(denial(unsigned).getTypes()).containsExactly(Type.NS, Type.RRSIG, Type.NSEC);
        assertThat(types(unsigned, Section.ADDITIONAL)).containsExactly(Type.A, Type.OPT);
        Message signed = asking.askSigned("x.safe.holdfast.example", Type.A);
        assertThat(types(signed, Section.AUTHORITY))
                .containsExactlyInAnyOrder(Type.NS, Type.DS, Type.RRSIG);
        verify(signed);
    }

    @Test
    void the_upper_zone_is_told_a_hash_that_fits_the_key() throws IOException {
        String text =
                asking.signer
                        .keys(DnsName.parse("holdfast.example"))
                        .getFirst()
                        .dsText(DnsName.parse("holdfast.example"));
        DSRecord ds = new DSRecord(key.getName(), 1, 0, 2, key);
        assertThat(text).endsWith(ds.getFootprint() + " 13 2 " + hex(ds.getDigest()));
        Message own = asking.askSigned("holdfast.example", Type.CDS);
        assertThat(own.getSection(Section.ANSWER).getFirst().rdataToString())
                .isEqualToIgnoringCase(ds.rdataToString());
    }

    @Test
    void a_signature_is_made_anew_before_it_ends() throws IOException {
        Instant first = expiry(asking.askSigned("ns1.holdfast.example", Type.A));
        asking.millis += 3_600_000;
        assertThat(expiry(asking.askSigned("ns1.holdfast.example", Type.A))).isEqualTo(first);
        for (int hour = 0; hour < 200; hour++) {
            asking.millis += 3_600_000;
            Instant expiry = expiry(asking.askSigned("ns1.holdfast.example", Type.A));
            assertThat(expiry).isAfter(Instant.ofEpochMilli(asking.millis).plusSeconds(24 * 3600));
        }
    }

    @Test
    void a_key_is_kept_and_another_is_only_published() throws IOException {
        Files.copy(
                folder.resolve("holdfast.example.pem"),
                folder.resolve("holdfast.example.next.pem"));
        Files.delete(folder.resolve("holdfast.example.pem"));
        Asking other = new Asking(YAML, folder, Asking.unlimited());
        Message keys = other.askSigned("holdfast.example", Type.DNSKEY);
        List<Record> records = new ArrayList<>(keys.getSection(Section.ANSWER));
        records.removeIf(record -> record.getType() != Type.DNSKEY);
        assertThat(records).hasSize(2).anyMatch(key::equals);
        RRSIGRecord signature = signature(other.askSigned("ns1.holdfast.example", Type.A));
        assertThat(signature.getFootprint()).isNotEqualTo(key.getFootprint());
        Asking again = new Asking(YAML, folder, Asking.unlimited());
        assertThat(signature(again.askSigned("ns1.holdfast.example", Type.A)).getFootprint())
                .isEqualTo(signature.getFootprint());
    }

    @Test
    void the_longest_names_have_successors_too() throws Exception {
        String label = "a".repeat(63);
        for (int length : List.of(40, 41, 42, 43, 44)) {
            String name =
                    String.join(".", label, label, label, "b".repeat(length)) + ".holdfast.example";
            if (name.length() > 253) continue;
            Message answer = asking.askSigned(name, Type.A);
            verify(answer);
            NSECRecord denial = denial(answer);
            assertThat(denial.getNext()).isGreaterThan(denial.getName());
        }
    }

    private void verify(Message message) throws Exception {
        assertThat(message.getHeader().getFlag(Flags.TC)).isFalse();
        int verified = 0;
        for (int section : List.of(Section.ANSWER, Section.AUTHORITY, Section.ADDITIONAL)) {
            List<Record> records = message.getSection(section);
            Set<String> sets = new HashSet<>();
            for (Record record : records) {
                boolean delegated = section == Section.AUTHORITY && record.getType() == Type.NS;
                if (record.getType() == Type.RRSIG || record.getType() == Type.OPT || delegated)
                    continue;
                if (!sets.add(record.getName() + " " + record.getType())) continue;
                RRset set = new RRset();
                records.stream().filter(record::sameRRset).forEach(set::addRR);
                RRSIGRecord signature =
                        set.sigs().isEmpty() ? of(records, record) : set.sigs().getFirst();
                RRset plain = new RRset();
                set.rrs(false).forEach(plain::addRR);
                DNSSEC.verify(plain, signature, key, Instant.ofEpochMilli(asking.millis));
                verified++;
            }
        }
        assertThat(verified).isPositive();
    }

    private static RRSIGRecord of(List<Record> records, Record covered) {
        return records.stream()
                .filter(RRSIGRecord.class::isInstance)
                .map(RRSIGRecord.class::cast)
                .filter(signature ->
                        signature.getTypeCovered() == covered.getType()
                                && signature.getName().equals(covered.getName()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no signature of " + covered));
    }

    private static RRSIGRecord signature(Message message) {
        return message.getSection(Section.ANSWER).stream()
                .filter(RRSIGRecord.class::isInstance)
                .map(RRSIGRecord.class::cast)
                .findFirst()
                .orElseThrow();
    }

    private static Instant expiry(Message message) {
        return signature(message).getExpire();
    }

    private static NSECRecord denial(Message message) {
        return message.getSection(Section.AUTHORITY).stream()
                .filter(NSECRecord.class::isInstance)
                .map(NSECRecord.class::cast)
                .findFirst()
                .orElseThrow();
    }

    private static List<Integer> types(Message message, int section) {
        return message.getSection(section).stream().map(Record::getType).distinct().toList();
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().withUpperCase().formatHex(bytes);
    }
}
