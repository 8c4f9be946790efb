package dev.holdfast.device;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Grant;
import dev.holdfast.core.operation.SignedGrant;
import dev.holdfast.keys.Entropy;
import dev.holdfast.keys.ReplicaKey;
import dev.holdfast.store.link.LinkTimes;
import dev.holdfast.store.link.TestServer;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;

/** Devices for tests. */
final class Devices {
    static final Instant NOW = Instant.ofEpochMilli(1_790_000_000_000L);
    static final InstantSource CLOCK = InstantSource.fixed(NOW);
    static final ReplicaKey AUTHORITY = ReplicaKey.create(entropy(1));
    static final String SCHEMA =
            """
            {"patients": {"fields": {"visits": {"kind": "counter"},
              "allergies": {"kind": "set"}, "ward": {"show": "manual"}},
              "indexes": ["name", "age", "address.city"]},
             "orders": {"on-delete": "delete-wins"}}\
            """;
    private static final LinkTimes TIMES =
            new LinkTimes(
                    Duration.ofSeconds(5),
                    Duration.ofMillis(250),
                    Duration.ofSeconds(45),
                    Duration.ofMillis(20),
                    Duration.ofMillis(100),
                    Duration.ofMillis(20),
                    Duration.ofMillis(100),
                    Duration.ofMillis(500));

    private Devices() {}

    static Entropy entropy(long seed) {
        Random random = new Random(seed);
        return count -> {
            byte[] bytes = new byte[count];
            synchronized (random) {
                random.nextBytes(bytes);
            }
            return Bytes.wrap(bytes);
        };
    }

    /** One that works offline. */
    static Device offline(Path folder, long seed) {
        return Device.open(DeviceSettings.in(folder).withSchema(SCHEMA), CLOCK, entropy(seed));
    }

    /** One that knows where to go, and has no grant yet. */
    static Device strange(Path folder, URI endpoint, InstantSource clock, long seed) {
        return Device.open(settings(folder, endpoint), clock, entropy(seed));
    }

    static Device enrolled(Path folder, URI endpoint, InstantSource clock, long seed) {
        Device device = strange(folder, endpoint, clock, seed);
        device.enrol(grant(device, "*"));
        return device;
    }

    static DeviceSettings settings(Path folder, URI endpoint) {
        return DeviceSettings.in(folder)
                .withSchema(SCHEMA)
                .withEndpoints(List.of(endpoint))
                .withCa(TestServer.caPem())
                .withAuthorities(AUTHORITY.publicKey())
                .withTimes(TIMES);
    }

    static SignedGrant grant(Device device, String... collections) {
        return TestServer.grant(
                AUTHORITY,
                new Grant(
                        device.publicKey(),
                        "nurse-amina",
                        Grant.Role.DEVICE,
                        List.of(new Grant.Right("clinic-7", true, List.of(collections))),
                        0,
                        NOW.toEpochMilli() + Duration.ofDays(365).toMillis(),
                        0));
    }
}
