package dev.holdfast.steer.dns;

import dev.holdfast.steer.zone.RecordSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;

/** Records as a zone file would have them. */
final class RecordText {
    private RecordText() {}

    static List<String> of(RecordSet set) {
        try {
            List<String> texts = new ArrayList<>();
            Name owner = new Name(set.owner().unsafeWire());
            for (byte[] data : set.data()) {
                Record record =
                        Record.newRecord(owner, set.type(), DClass.IN, set.ttlSeconds(), data);
                texts.add(record.toString().replace('\t', ' '));
            }
            return texts;
        } catch (IOException e) {
            throw new IllegalStateException("a name that is none", e);
        }
    }
}
