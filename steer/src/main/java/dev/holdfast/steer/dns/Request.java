package dev.holdfast.steer.dns;

import dev.holdfast.steer.zone.DnsName;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

/**
 * One packet that came, taken apart. Reused for the next one, so that reading makes no objects; of
 * one thread.
 */
final class Request {
    static final int HEADER_BYTES = 12;

    /** Longest name, type, class. */
    private static final int MAX_KEY = DnsName.MAX_LENGTH + 4;

    static final int COOKIE = 10;
    static final int CLIENT_SUBNET = 8;

    /** What is to be done with it. */
    enum Kind {
        /** It is no question: nothing may be answered, else two servers might talk for ever. */
        SILENCE,
        /** It is one that cannot be read, or is not for this server; {@link #rcode} says why. */
        REFUSAL,
        /** A question. */
        QUESTION
    }

    byte[] packet = new byte[0];
    int rcode;

    /** Where the question ends, or the header where there is none that can be read. */
    int questionEnd;

    /** The question's name in lower case, its type and its class. */
    final byte[] key = new byte[MAX_KEY];

    int keyLength;
    int keyHash;
    int type;
    int dclass;

    boolean hasEdns;
    int udpSize;
    boolean wantsSignatures;
    boolean takesCompactAnswers;

    /** Where the cookie option's content is, or -1. */
    int cookieAt;

    int cookieLength;

    /** Where the client subnet option's content is, or -1. */
    int subnetAt;

    int subnetLength;

    private int length;
    private int at;

    /** Takes the first {@code bytes} of {@code source} apart. */
    Kind read(byte[] source, int bytes) {
        packet = source;
        length = bytes;
        rcode = Rcode.NOERROR;
        questionEnd = HEADER_BYTES;
        hasEdns = false;
        wantsSignatures = false;
        takesCompactAnswers = false;
        cookieAt = -1;
        subnetAt = -1;
        udpSize = 512;
        if (length < HEADER_BYTES || (packet[2] & 0x80) != 0) return Kind.SILENCE;
        if (opcode() != Opcode.QUERY) return refused(Rcode.NOTIMP);
        int questions = number(4);
        if (questions > 1) return refused(Rcode.FORMERR);
        at = HEADER_BYTES;
        if (questions == 1) {
            if (!readQuestion()) return refused(Rcode.FORMERR);
            questionEnd = at;
        }
        int before = number(6) + number(8);
        int additional = number(10);
        for (int i = 0; i < before + additional; i++) {
            if (!readRecord(i >= before)) return refused(Rcode.FORMERR);
        }
        if (at != length) return refused(Rcode.FORMERR);
        if (rcode == Rcode.BADVERS) return Kind.REFUSAL;
        if (questions == 0)
            // RFC 7873 section 5.4: a question for a cookie alone.
            return refused(cookieAt >= 0 ? Rcode.NOERROR : Rcode.FORMERR);
        return classify();
    }

    private Kind classify() {
        return switch (type) {
            case Type.AXFR, Type.IXFR, Type.MAILA, Type.MAILB, Type.TKEY, Type.TSIG ->
                    refused(Rcode.REFUSED);
            case Type.OPT, Signer.NXNAME -> refused(Rcode.FORMERR);
            default -> {
                if (dclass != DClass.IN && dclass != DClass.ANY) yield refused(Rcode.REFUSED);
                rcode = Rcode.NOERROR;
                yield Kind.QUESTION;
            }
        };
    }

    int opcode() {
        return packet[2] >> 3 & 0xf;
    }

    DnsName name() {
        return DnsName.ofWire(key, 0, keyLength - 4);
    }

    private Kind refused(int code) {
        rcode = code;
        return Kind.REFUSAL;
    }

    private boolean readQuestion() {
        int to = 0;
        int hash = 1;
        while (true) {
            if (at >= length) return false;
            int label = packet[at];
            // Nothing stands before it that a pointer could point to.
            if (label < 0 || label > 63) return false;
            if (at + label + 1 > length || to + label + 1 > DnsName.MAX_LENGTH) return false;
            key[to++] = packet[at++];
            for (int i = 0; i < label; i++) {
                byte lower = DnsName.lower(packet[at++]);
                key[to++] = lower;
                hash = hash * 31 + lower;
            }
            hash = hash * 31 + label;
            if (label == 0) break;
        }
        if (at + 4 > length) return false;
        type = number(at);
        dclass = number(at + 2);
        for (int i = 0; i < 4; i++) {
            key[to] = packet[at++];
            hash = hash * 31 + key[to++];
        }
        keyLength = to;
        keyHash = hash;
        return true;
    }

    private boolean readRecord(boolean additional) {
        int owner = at;
        if (!skipName() || at + 10 > length) return false;
        int recordType = number(at);
        int from = at + 10;
        int bytes = number(at + 8);
        if (from + bytes > length) return false;
        if (recordType == Type.OPT) {
            if (!additional || hasEdns || packet[owner] != 0) return false;
            hasEdns = true;
            udpSize = number(at + 2);
            wantsSignatures = (packet[at + 6] & 0x80) != 0;
            takesCompactAnswers = (packet[at + 6] & 0x40) != 0;
            // What another version means by its options is not known here.
            if (packet[at + 5] != 0) rcode = Rcode.BADVERS;
            else if (!readOptions(from, from + bytes)) return false;
        }
        at = from + bytes;
        return true;
    }

    private boolean skipName() {
        int bytes = 0;
        while (at < length) {
            int label = packet[at] & 0xff;
            if (label >= 0xc0) {
                // What a pointer points to must lie before it; nothing is read there.
                if (at + 2 > length || (number(at) & 0x3fff) >= at) return false;
                at += 2;
                return true;
            }
            bytes += label + 1;
            if (label > 63 || bytes > DnsName.MAX_LENGTH) return false;
            at += label + 1;
            if (label == 0) return true;
        }
        return false;
    }

    private boolean readOptions(int from, int end) {
        int option = from;
        while (option < end) {
            if (option + 4 > end) return false;
            int code = number(option);
            int bytes = number(option + 2);
            int content = option + 4;
            if (content + bytes > end) return false;
            if (code == COOKIE) {
                boolean whole = bytes == 8 || bytes >= 16 && bytes <= 40;
                if (!whole) return false;
                if (cookieAt < 0) {
                    cookieAt = content;
                    cookieLength = bytes;
                }
            } else if (code == CLIENT_SUBNET) {
                if (!isSubnet(content, bytes)) return false;
                int family = number(content);
                if (family == 1 || family == 2) {
                    subnetAt = content;
                    subnetLength = bytes;
                }
            }
            option = content + bytes;
        }
        return true;
    }

    /** RFC 7871 section 6: as many bytes as the prefix needs, and no bit beyond it. */
    private boolean isSubnet(int from, int bytes) {
        if (bytes < 4) return false;
        int family = number(from);
        int prefix = packet[from + 2] & 0xff;
        if (packet[from + 3] != 0) return false;
        if (family != 1 && family != 2) return true; // of no use here, and not given back
        if (prefix > (family == 1 ? 32 : 128) || bytes - 4 != (prefix + 7) / 8) return false;
        int rest = prefix & 7;
        return rest == 0 || (packet[from + bytes - 1] & (0xff >> rest)) == 0;
    }

    /** The prefix that the client wants to be answered by; 0 for none. */
    int subnetBits() {
        return subnetAt < 0 ? 0 : packet[subnetAt + 2] & 0xff;
    }

    /** The address of that, with zeros behind the prefix. */
    byte[] subnet() {
        byte[] address = new byte[number(subnetAt) == 1 ? 4 : 16];
        System.arraycopy(packet, subnetAt + 4, address, 0, subnetLength - 4);
        return address;
    }

    private int number(int from) {
        return (packet[from] & 0xff) << 8 | (packet[from + 1] & 0xff);
    }
}
