package dev.holdfast.steer.dns;

import dev.holdfast.steer.zone.DnsName;
import dev.holdfast.steer.zone.RecordSet;
import java.util.Arrays;
import java.util.List;

/**
 * An answer as bytes, but for what differs from packet to packet: the id, the case of the
 * question's letters, the flag RD, and OPT. Immutable.
 */
final class ReadyAnswer {
    private static final byte RESPONSE = (byte) 0x80;
    private static final byte AUTHORITATIVE = 0x04;

    /** The message, up to what OPT would follow; not to be written to. */
    final byte[] bytes;

    /** Where that begins which can be left out. */
    final int neededBytes;

    /** How many additional records stand before that. */
    final int neededAdditional;

    /** How many there are in all. */
    final int additional;

    final long untilMillis;

    /** Writes {@code draft}. */
    ReadyAnswer(DnsName name, int type, Draft draft) {
        MessageWriter writer = new MessageWriter();
        writer.question(name, type);
        int answers = all(writer, draft.answer);
        int authorities = all(writer, draft.authority);
        this.neededAdditional = all(writer, draft.glue);
        this.neededBytes = writer.length();
        int spared = 0;
        for (RecordSet set : draft.additional) spared += writer.records(set);
        boolean whole = writer.fits();
        this.additional = neededAdditional + (whole ? spared : 0);
        this.untilMillis = draft.untilMillis;
        writer.put(6, answers);
        writer.put(8, authorities);
        writer.put(10, additional);
        byte[] written = writer.toArray();
        written[2] = RESPONSE;
        if (draft.authoritative) written[2] |= AUTHORITATIVE;
        written[3] = (byte) draft.rcode;
        this.bytes = whole ? written : Arrays.copyOf(written, neededBytes);
    }

    private static int all(MessageWriter writer, List<RecordSet> sets) {
        int records = 0;
        for (RecordSet set : sets) records += writer.records(set);
        return records;
    }
}
