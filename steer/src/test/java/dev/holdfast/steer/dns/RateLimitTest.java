package dev.holdfast.steer.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class RateLimitTest {
    private static final byte[] CLIENT = {(byte) 198, 51, 100, 1};
    private static final long NOW = 1_800_000_000_000L;

    @Test
    void a_network_gets_so_many_at_once_and_so_many_a_second() {
        RateLimit limit = limit(100);
        assertThat(taken(limit, CLIENT, 1000, NOW)).isEqualTo(100);
        assertThat(taken(limit, CLIENT, 1000, NOW)).isZero();
        assertThat(taken(limit, CLIENT, 1000, NOW + 500)).isEqualTo(50);
        assertThat(taken(limit, CLIENT, 1000, NOW + 60_000)).isEqualTo(100);
    }

    @Test
    void who_asks_all_the_time_gets_what_the_limit_says() {
        for (int perSecond : new int[] {1, 5, 30, 200, 5000}) {
            RateLimit limit = limit(perSecond);
            long answers = 0;
            for (int millis = 0; millis < 20_000; millis++)
                answers += taken(limit, CLIENT, 10, NOW + millis);
            double expected = perSecond * 21.0;
            assertThat((double) answers).isBetween(expected * 0.93, expected * 1.02);
        }
    }

    @Test
    void clients_of_one_network_share_and_others_do_not() {
        RateLimit limit = limit(10);
        assertThat(taken(limit, CLIENT, 20, NOW)).isEqualTo(10);
        byte[] neighbour = {(byte) 198, 51, 100, 77};
        assertThat(limit.take(neighbour, NOW)).isFalse();
        byte[] other = {(byte) 198, 51, 101, 1};
        assertThat(limit.take(other, NOW)).isTrue();
        byte[] v6 = InetAddress.ofLiteral("2001:db8:1:2ff::1").getAddress();
        byte[] near = InetAddress.ofLiteral("2001:db8:1:200::9").getAddress();
        assertThat(taken(limit, v6, 20, NOW)).isEqualTo(10);
        assertThat(limit.take(near, NOW)).isFalse();
    }

    @Test
    void a_flood_of_networks_does_not_free_the_one_that_is_over_its_limit() {
        RateLimit limit = limit(50);
        taken(limit, CLIENT, 100, NOW);
        SplittableRandom random = new SplittableRandom(9);
        for (int i = 0; i < 500_000; i++) {
            byte[] forged = new byte[4];
            random.nextBytes(forged);
            limit.take(forged, NOW);
        }
        assertThat(taken(limit, CLIENT, 100, NOW)).isZero();
    }

    @Test
    void exempt_networks_and_a_limit_of_0_are_without() {
        RateLimit exempting =
                new RateLimit(new DnsSettings.Rate(1, 2, List.of("198.51.96.0/20")), 1);
        assertThat(taken(exempting, CLIENT, 100, NOW)).isEqualTo(100);
        assertThat(taken(exempting, new byte[] {(byte) 198, 51, 112, 1}, 100, NOW)).isEqualTo(1);
        assertThat(taken(limit(0), CLIENT, 100, NOW)).isEqualTo(100);
    }

    private static RateLimit limit(int perSecond) {
        return new RateLimit(new DnsSettings.Rate(perSecond, 2, List.of()), 1);
    }

    private static int taken(RateLimit limit, byte[] client, int asked, long millis) {
        int taken = 0;
        for (int i = 0; i < asked; i++) {
            if (limit.take(client, millis)) taken++;
        }
        return taken;
    }
}
