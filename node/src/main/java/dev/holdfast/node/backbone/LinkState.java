package dev.holdfast.node.backbone;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.Sha256;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import dev.holdfast.core.operation.SignatureCheck;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a member says of its own links, those that live; signed by it, passed on by everybody, and
 * good until a newer one comes.
 *
 * @param number counts up for each member, also over its restarts
 * @param links by neighbour
 */
record LinkState(String member, long number, Map<String, Living> links) {
    private static final Bytes DOMAIN = SignatureCheck.domain("holdfast link state 1");
    private static final int FORMAT = 1;
    private static final int MAX_NAME = 64;

    /**
     * A link that answers.
     *
     * @param rttMicros there and back, smoothed
     * @param lossPermille of its probes, what came late or not at all, in the worse direction
     * @param lanes how many lanes it takes now, the most urgent first
     * @param settled whether it has been up for long enough to be relied on
     */
    record Living(long rttMicros, int lossPermille, int lanes, boolean settled) {
        boolean takes(Lane lane) {
            return lanes > lane.code();
        }
    }

    LinkState {
        links = Map.copyOf(links);
    }

    Bytes encoded() {
        CborWriter out = new CborWriter();
        out.array(4).integer(FORMAT).text(member).integer(number).array(links.size());
        new TreeMap<>(links)
                .forEach((neighbour, link) ->
                        out.array(5)
                                .text(neighbour)
                                .integer(link.rttMicros())
                                .integer(link.lossPermille())
                                .integer(link.lanes())
                                .bool(link.settled()));
        return out.toBytes();
    }

    static Bytes signedText(Bytes encoded) {
        return DOMAIN.concat(Sha256.of(encoded));
    }

    /**
     * Checks the form, not the signature.
     *
     * @throws MalformedException when it has not the form
     */
    static LinkState decode(Bytes encoded) {
        CborReader in = new CborReader(encoded);
        in.array(4);
        if (in.integer() != FORMAT) throw new MalformedException("a link state of another format");
        String member = name(in);
        long number = in.unsigned(Long.MAX_VALUE);
        int count = in.array();
        if (count > Topology.MAX_MEMBERS) throw new MalformedException("too many links");
        Map<String, Living> links = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            in.array(5);
            links.put(
                    name(in),
                    new Living(
                            in.unsigned(Integer.MAX_VALUE),
                            (int) in.unsigned(1_000),
                            (int) in.unsigned(Lane.COUNT),
                            in.bool()));
        }
        in.finish();
        return new LinkState(member, number, links);
    }

    private static String name(CborReader in) {
        String name = in.text();
        if (name.length() > MAX_NAME) throw new MalformedException("a very long name");
        return name;
    }

    List<String> neighbours() {
        return links.keySet().stream().sorted().toList();
    }
}
