package dev.holdfast.drill.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FakeClockTest {
    @Test
    void a_setting_has_a_sign() {
        assertThat(FakeClock.setting(Duration.ofDays(40))).isEqualTo("+3456000");
        assertThat(FakeClock.setting(Duration.ofHours(-20))).isEqualTo("-72000");
        assertThat(FakeClock.setting(Duration.ZERO)).isEqualTo("+0");
    }
}
