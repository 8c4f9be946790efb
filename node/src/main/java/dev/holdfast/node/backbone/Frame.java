package dev.holdfast.node.backbone;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.MalformedException;
import dev.holdfast.core.codec.CborReader;
import dev.holdfast.core.codec.CborWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * What two neighbours say to each other over their link: one frame is one binary message of the
 * WebSocket, a CBOR array whose first item says which. All have a bound.
 */
sealed interface Frame {
    int VERSION = 1;

    /** The most that one {@link Data} carries: small, so that what is urgent waits for little. */
    int MAX_DATA_BYTES = 16 << 10;

    /** Any frame; a topology is the longest. */
    int MAX_BYTES = SignedTopology.MAX_BYTES + 64;

    int MAX_ROUTE = 8;
    int MAX_REASON = 200;

    /** What is carried for streams, and asked of the {@link Switch}. */
    sealed interface OfStream extends Frame {
        /** Its number on this link: odd where the dialler opened it. */
        long stream();
    }

    /** The first one, each way. */
    record Hello(long version, long serial) implements Frame {}

    /**
     * Asks for an echo.
     *
     * @param seq counts the moments at which the sender probes, connected or not
     */
    record Probe(long seq) implements Frame {}

    /**
     * Answers a probe, at once.
     *
     * @param lossPermille of the other's probes, as counted here
     */
    record Echo(long seq, int lossPermille) implements Frame {}

    /** A member's word about its links: an encoded {@link LinkState}, and its signature. */
    record State(Bytes body, Bytes signature) implements Frame {}

    /** A {@link SignedTopology} that the other has not. */
    record NewTopology(String text) implements Frame {}

    /** So many bytes of data frames have arrived on this connection, in all. */
    record Took(long bytes) implements Frame {}

    /**
     * Opens a stream.
     *
     * @param at the receiver's place in the route
     * @param route all members from the one that opens to the one that is meant
     */
    record Open(long stream, Lane lane, int at, List<String> route) implements OfStream {}

    /** The member that was meant took it. */
    record Opened(long stream) implements OfStream {}

    record Data(long stream, Bytes bytes) implements OfStream {}

    /** So many more bytes may be sent. */
    record Credit(long stream, long bytes) implements OfStream {}

    /** No more data comes this way. */
    record End(long stream) implements OfStream {}

    /** The stream is over, both ways, whatever was on its way. */
    record Reset(long stream, Why why, String reason) implements OfStream {}

    /** Why a stream was reset. */
    enum Why {
        /** Who used it has ended. */
        GONE(0),
        /** A link on its way is down. */
        LINK_DOWN(1),
        /** The topology, or the relay, does not allow it. */
        FORBIDDEN(2),
        /** There are as many as a member bears. */
        BUSY(3),
        /** The member that was meant does not answer at its own port. */
        UNREACHABLE(4),
        /** The other side did not keep to the protocol. */
        PROTOCOL(5),
        /** There is a better way now, to be taken by opening it anew. */
        BETTER_WAY(6);

        private final int code;

        Why(int code) {
            this.code = code;
        }

        private static Why ofCode(long code) {
            for (Why why : values()) {
                if (why.code == code) return why;
            }
            throw new MalformedException("an unknown reason");
        }
    }

    default Bytes encoded() {
        CborWriter out = new CborWriter();
        switch (this) {
            case Hello f -> out.array(3).integer(1).integer(f.version()).integer(f.serial());
            case Probe f -> out.array(2).integer(2).integer(f.seq());
            case Echo f -> out.array(3).integer(3).integer(f.seq()).integer(f.lossPermille());
            case State f -> out.array(3).integer(4).bytes(f.body()).bytes(f.signature());
            case NewTopology f -> out.array(2).integer(5).text(f.text());
            case Took f -> out.array(2).integer(6).integer(f.bytes());
            case Open f -> {
                out.array(5)
                        .integer(7)
                        .integer(f.stream())
                        .integer(f.lane().code())
                        .integer(f.at())
                        .array(f.route().size());
                f.route().forEach(out::text);
            }
            case Opened f -> out.array(2).integer(8).integer(f.stream());
            case Data f -> out.array(3).integer(9).integer(f.stream()).bytes(f.bytes());
            case Credit f -> out.array(3).integer(10).integer(f.stream()).integer(f.bytes());
            case End f -> out.array(2).integer(11).integer(f.stream());
            case Reset f ->
                    out.array(4)
                            .integer(12)
                            .integer(f.stream())
                            .integer(f.why().code)
                            .text(f.reason());
        }
        return out.toBytes();
    }

    /**
     * Reads one.
     *
     * @throws MalformedException when it is none, or over a limit
     */
    static Frame decode(Bytes encoded) {
        if (encoded.size() > MAX_BYTES) throw new MalformedException("a very long frame");
        CborReader in = new CborReader(encoded);
        int items = in.array();
        long type = in.integer();
        Frame frame = read(type, in);
        in.finish();
        if (items != items(frame)) throw new MalformedException("a frame of another length");
        return frame;
    }

    private static Frame read(long type, CborReader in) {
        return switch (Math.clamp(type, 0, 100)) {
            case 1 -> new Hello(count(in), count(in));
            case 2 -> new Probe(count(in));
            case 3 -> new Echo(count(in), (int) in.unsigned(1_000));
            case 4 -> new State(in.bytes(), in.bytes());
            case 5 -> new NewTopology(in.text());
            case 6 -> new Took(count(in));
            case 7 -> new Open(count(in), Lane.ofCode(in.integer()), (int) count(in), route(in));
            case 8 -> new Opened(count(in));
            case 9 -> new Data(count(in), data(in));
            case 10 -> new Credit(count(in), in.unsigned(Integer.MAX_VALUE));
            case 11 -> new End(count(in));
            case 12 -> new Reset(count(in), Why.ofCode(in.integer()), reason(in));
            default -> throw new MalformedException("an unknown frame");
        };
    }

    private static int items(Frame frame) {
        return switch (frame) {
            case Probe _, NewTopology _, Took _, Opened _, End _ -> 2;
            case Hello _, Echo _, State _, Data _, Credit _ -> 3;
            case Reset _ -> 4;
            case Open _ -> 5;
        };
    }

    private static long count(CborReader in) {
        return in.unsigned(Long.MAX_VALUE);
    }

    private static Bytes data(CborReader in) {
        Bytes data = in.bytes();
        if (data.size() > MAX_DATA_BYTES) throw new MalformedException("too much data in a frame");
        return data;
    }

    private static List<String> route(CborReader in) {
        int count = in.array();
        if (count < 2 || count > MAX_ROUTE) throw new MalformedException("a route of no length");
        List<String> route = new ArrayList<>();
        for (int i = 0; i < count; i++) route.add(in.text());
        return List.copyOf(route);
    }

    private static String reason(CborReader in) {
        String reason = in.text();
        if (reason.length() > MAX_REASON) throw new MalformedException("a very long reason");
        return reason;
    }
}
