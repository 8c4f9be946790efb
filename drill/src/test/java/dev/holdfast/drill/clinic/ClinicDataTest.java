package dev.holdfast.drill.clinic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.operation.DocumentId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ClinicDataTest {
    @Test
    void the_same_seed_gives_the_same_day_and_another_seed_another() {
        assertThat(day(7)).isEqualTo(day(7)).isNotEqualTo(day(8));
    }

    @Test
    void two_seeds_meet_in_the_patients_and_nowhere_else() {
        Set<DocumentId> shared = new HashSet<>();
        day(1).forEach(write -> shared.add(write.document()));
        Set<DocumentId> other = new HashSet<>();
        day(2).forEach(write -> other.add(write.document()));
        shared.retainAll(other);
        assertThat(shared).isNotEmpty().allMatch(id -> id.collection().equals("patients"));
    }

    private static List<ClinicWrite> day(long seed) {
        ClinicData data = new ClinicData(seed);
        return Stream.generate(data::next).limit(1_000).toList();
    }
}
