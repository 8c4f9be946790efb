package dev.holdfast.drill.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

class SimulationTest {
    @Test
    void some_seeds_keep_every_promise() {
        for (long seed = 1; seed <= 20; seed++) {
            Simulation simulation = new Simulation(seed);
            assertThatCode(simulation::run)
                    .as("holdfast sim --seed " + seed)
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void the_same_seed_makes_the_same_history() {
        assertThat(new Simulation(7).run()).isEqualTo(new Simulation(7).run());
    }

    @Test
    void a_disk_that_answers_before_it_flushes_is_found() {
        int found = 0;
        for (long seed = 1; seed <= 40; seed++) {
            try {
                new Simulation(seed, true).run();
            } catch (Claims.Broken broken) {
                found++;
            }
        }
        assertThat(found).as("seeds of 40 that found the planted bug").isPositive();
    }
}
