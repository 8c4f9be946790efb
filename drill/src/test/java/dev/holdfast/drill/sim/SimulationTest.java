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

    /** A receipt over a gap took other bytes out of an edge's outbox, where a key was copied. */
    @Test
    void a_receipt_speaks_for_nothing_beyond_a_gap() {
        assertThatCode(new Simulation(Plan.of(133))::run).doesNotThrowAnyException();
        assertThatCode(new Simulation(Plan.of(289))::run).doesNotThrowAnyException();
    }

    /**
     * An edge that had something only from a region that burned said that it has it, and sent it
     * nowhere.
     */
    @Test
    void an_edge_answers_for_what_its_author_still_sends() {
        for (long seed : new long[] {927, 1029, 1805})
            assertThatCode(new Simulation(Plan.of(seed))::run).doesNotThrowAnyException();
    }

    /**
     * A push that came a second time put back into an edge's outbox what the region had refused,
     * and the session's link never showed it again.
     */
    @Test
    void what_was_refused_and_is_pushed_again_is_judged_again() {
        assertThatCode(new Simulation(Plan.of(9431))::run).doesNotThrowAnyException();
    }

    /** Who opened a feed while the database was away got nothing before the next write. */
    @Test
    void a_feed_opened_without_the_database_is_read_once_it_is_back() {
        assertThatCode(new Simulation(Plan.of(634))::run).doesNotThrowAnyException();
    }

    /**
     * A span of another region's counted over a gap; equal regions never told each other what they
     * have; an edge was not told GLOBAL of what others had pushed.
     */
    @Test
    void what_is_in_two_regions_is_told_to_whoever_waits_for_it() {
        for (long seed : new long[] {226, 235, 252, 579, 887})
            assertThatCode(new Simulation(Plan.of(seed))::run)
                    .as("holdfast sim --seed " + seed)
                    .doesNotThrowAnyException();
    }

    /**
     * What was refused while its edge was cut off counted as in the log to whoever came while the
     * database was away, and nobody told him more.
     */
    @Test
    void who_comes_while_the_database_is_away_hears_of_a_refusal_all_the_same() {
        assertThatCode(new Simulation(Plan.of(20392))::run).doesNotThrowAnyException();
    }

    /** The judge counted as unanswered what the node above had said that it has. */
    @Test
    void what_is_known_to_be_above_makes_room_in_the_window() {
        for (long seed : new long[] {18559, 22698, 25181})
            assertThatCode(new Simulation(Plan.of(seed))::run)
                    .as("holdfast sim --seed " + seed)
                    .doesNotThrowAnyException();
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
