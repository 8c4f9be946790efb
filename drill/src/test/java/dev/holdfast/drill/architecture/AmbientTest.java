package dev.holdfast.drill.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.util.Random;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

final class AmbientTest {
    private static final ArchRule RULE =
            noClasses()
                    .that(Ambient.notOutermost())
                    .should()
                    .accessTargetWhere(Ambient.access())
                    .because("the simulator must be able to supply them")
                    .allowEmptyShould(true);

    @Test
    void only_the_outermost_classes_reach_for_time_randomness_and_threads() {
        RULE.check(Modules.classes());
    }

    @Test
    void the_rule_finds_calls_references_and_constructors() {
        var violations = RULE.evaluate(new ClassFileImporter().importClasses(Offender.class));
        assertThat(violations.getFailureReport().getDetails())
                .hasSize(4)
                .anyMatch(line -> line.contains("System.nanoTime"))
                .anyMatch(line -> line.contains("Instant.now"))
                .anyMatch(line -> line.contains("Random.<init>()"))
                .anyMatch(line -> line.contains("Thread.<init>"));
    }

    @Test
    void the_rule_lets_a_seed_and_a_given_clock_pass() {
        var classes = new ClassFileImporter().importClasses(Seeded.class);
        assertThat(RULE.evaluate(classes).hasViolation()).isFalse();
    }

    /** Breaks the rule four times. */
    static final class Offender {
        final LongSupplier clock = System::nanoTime;
        final Random random = new Random();
        final Instant start = Instant.now();
        final Thread thread = new Thread(() -> {});
    }

    /** Looks much like an offender, and is none. */
    static final class Seeded {
        final Random random = new Random(1);

        Instant start(Clock clock) {
            return Instant.now(clock);
        }
    }
}
