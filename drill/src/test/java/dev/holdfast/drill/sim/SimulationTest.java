package dev.holdfast.drill.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimulationTest {
    @Test
    void some_seeds_keep_every_promise() {
        for (long seed = 1; seed <= 20; seed++) {
            Simulation simulation = new Simulation(Plan.of(seed));
            assertThatCode(simulation::run)
                    .as("holdfast sim --seed " + seed)
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void the_same_seed_makes_the_same_history() {
        assertThat(history(7)).isEqualTo(history(7));
        assertThat(history(8)).isNotEqualTo(history(7));
    }

    private static List<String> history(long seed) {
        Simulation simulation = new Simulation(Plan.of(seed));
        List<String> history = new ArrayList<>();
        history.add(simulation.run().toString());
        simulation.trace().forEach(history::add);
        history.addAll(simulation.nodes());
        return history;
    }
}
