package dev.holdfast.steer.dns;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import org.xbill.DNS.Rcode;

/** How many packets came, and what became of them. Thread-safe, and without locks on the way. */
final class DnsCount {
    private static final int CODES = 24;

    private final LongAdder udp = new LongAdder();
    private final LongAdder tcp = new LongAdder();
    private final LongAdder silent = new LongAdder();
    private final LongAdder limited = new LongAdder();
    private final LongAdder[] answered = new LongAdder[CODES];

    DnsCount(MeterRegistry meters) {
        register(meters, "holdfast.dns.questions", "transport", "udp", udp);
        register(meters, "holdfast.dns.questions", "transport", "tcp", tcp);
        register(meters, "holdfast.dns.dropped", "why", "no-question", silent);
        register(meters, "holdfast.dns.dropped", "why", "limited", limited);
        for (int code = 0; code < CODES; code++) {
            answered[code] = new LongAdder();
            String name = Rcode.string(code).toLowerCase(Locale.ROOT);
            if (!name.startsWith("reserved"))
                register(meters, "holdfast.dns.answers", "code", name, answered[code]);
        }
    }

    private static void register(
            MeterRegistry meters, String name, String tag, String value, LongAdder count) {
        FunctionCounter.builder(name, count, LongAdder::sum).tag(tag, value).register(meters);
    }

    void asked(Responder.Transport transport) {
        switch (transport) {
            case UDP -> udp.increment();
            case TCP -> tcp.increment();
        }
    }

    void silent() {
        silent.increment();
    }

    /** Not answered as it should be, or not at all, since there were too many. */
    void limited() {
        limited.increment();
    }

    void answered(int rcode) {
        if (rcode >= 0 && rcode < CODES) answered[rcode].increment();
    }
}
