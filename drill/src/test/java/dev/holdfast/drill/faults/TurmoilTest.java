package dev.holdfast.drill.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.drill.rings.Victim;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TurmoilTest {
    @Test
    void everybody_is_killed_and_stopped_before_anybody_is_again() {
        List<Turmoil.Act> acts = Turmoil.acts(100, new Random(1));
        assertThat(acts).hasSize(100);
        assertThat(acts.subList(0, Turmoil.ALL)).doesNotHaveDuplicates();
        assertThat(acts.subList(Turmoil.ALL, 2 * Turmoil.ALL)).doesNotHaveDuplicates();
        assertThat(Turmoil.ALL).isEqualTo(2 * Victim.values().length);
    }

    @Test
    void a_seed_tells_who_and_when() {
        assertThat(Turmoil.acts(40, new Random(7))).isEqualTo(Turmoil.acts(40, new Random(7)));
        assertThat(Turmoil.acts(40, new Random(7))).isNotEqualTo(Turmoil.acts(40, new Random(8)));
    }
}
