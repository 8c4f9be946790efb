package dev.holdfast.drill.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

/** All mutants are hunted by {@code ./holdfast sim --mutants}; here a few of the quickest. */
class MutantsTest {
    private final Mutants mutants = new Mutants();

    @Test
    void every_mutant_finds_the_places_that_it_is_planted_at() {
        assertThat(mutants.mutants()).hasSizeGreaterThanOrEqualTo(25);
        for (MutantHunt.Mutant mutant : mutants.mutants())
            assertThat(mutants.hunt(mutant, 1, 0).found()).as(mutant.name()).isFalse();
    }

    @Test
    void a_mutant_whose_place_has_moved_fails_loudly() {
        Plant moved = new Plant("core.replica.Applier", "apply", "Bytes.equals", "none", 1);
        assertThatThrownBy(() -> new MutantLoader(moved).plant())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("planted at 0 places where there should be 1");
    }

    @Test
    void some_mutants_are_found() {
        for (String name :
                List.of(
                        "skip-the-context-check",
                        "drop-the-outbox-at-edge",
                        "acknowledge-before-the-flush",
                        "an-edge-forgets-what-it-took-in")) {
            MutantHunt.Mutant mutant =
                    mutants.mutants().stream()
                            .filter(each -> each.name().equals(name))
                            .findFirst()
                            .orElseThrow();
            MutantHunt.Hunted hunted = mutants.hunt(mutant, 1, 20);
            assertThat(hunted.found()).as(name + " in 20 seeds").isTrue();
        }
    }

    @Test
    void the_command_finds_the_mutants_of_the_test_build() {
        assertThat(ServiceLoader.load(MutantHunt.class)).hasSize(1);
    }
}
