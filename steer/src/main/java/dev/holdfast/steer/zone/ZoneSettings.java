package dev.holdfast.steer.zone;

import dev.holdfast.node.settings.Default;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * One zone.
 *
 * @param ttl how long its records may be kept, where they do not say it themselves
 * @param soa its authority, as its SOA record says it
 * @param dnssec whether and how its answers are signed
 * @param records by name: {@code @} is the apex, others are below it
 */
public record ZoneSettings(
        @Default("1h") Duration ttl,
        Soa soa,
        @Default("") Dnssec dnssec,
        Map<String, NameSettings> records) {

    /**
     * The SOA record.
     *
     * @param primary the name of a server of the zone
     * @param mailbox whom to write to, {@code hostmaster@holdfast.example} or with a dot in place
     *     of the at
     * @param serial counted up by whoever changes the file; else it is the time of the file's last
     *     change
     * @param negative how long it may be kept that something is not there
     */
    public record Soa(
            String primary,
            String mailbox,
            Optional<Long> serial,
            @Default("1h") Duration refresh,
            @Default("10m") Duration retry,
            @Default("14d") Duration expire,
            @Default("1m") Duration negative) {
        public Soa {
            if (serial.isPresent() && (serial.get() < 0 || serial.get() > 0xffff_ffffL))
                throw new IllegalArgumentException("serial is between 0 and 4294967295");
            requireTtl("refresh", refresh);
            requireTtl("retry", retry);
            requireTtl("expire", expire);
            requireTtl("negative", negative);
        }
    }

    /**
     * Signatures.
     *
     * @param sign whether answers are signed
     * @param validity how long a signature holds; a resolver may use an answer no longer
     */
    public record Dnssec(@Default("false") boolean sign, @Default("3d") Duration validity) {
        public Dnssec {
            if (validity.toHours() < 4 || validity.toDays() > 30)
                throw new IllegalArgumentException("validity is between 4h and 30d");
        }
    }

    public ZoneSettings {
        requireTtl("ttl", ttl);
    }

    static void requireTtl(String what, Duration ttl) {
        if (ttl.isNegative() || ttl.toDays() > 60)
            throw new IllegalArgumentException(what + " is between 0s and 60d");
    }
}
