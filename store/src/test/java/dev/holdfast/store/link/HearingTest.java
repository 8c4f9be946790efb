package dev.holdfast.store.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class HearingTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final Hearing hearing = new Hearing(5_000, 0);

    @Test
    void a_ping_is_a_sign_of_life_and_says_nothing() {
        assertThat(hearing.says(5_030, SECOND)).isFalse();
        assertThat(hearing.silence(SECOND)).isZero();
    }

    @Test
    void a_part_of_a_message_says_something() {
        assertThat(hearing.says(6_500, SECOND)).isTrue();
        assertThat(hearing.says(6_500, 2 * SECOND)).isFalse();
    }

    @Test
    void silence_is_counted_from_the_last_byte() {
        hearing.says(5_001, SECOND);
        hearing.says(5_001, 2 * SECOND);
        assertThat(hearing.silence(4 * SECOND)).isEqualTo(Duration.ofSeconds(3));
    }
}
