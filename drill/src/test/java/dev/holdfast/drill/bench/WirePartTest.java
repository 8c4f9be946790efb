package dev.holdfast.drill.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.Bytes;
import dev.holdfast.core.operation.Batch;
import dev.holdfast.drill.clinic.ClinicAuthor;
import dev.holdfast.keys.ReplicaKey;
import org.junit.jupiter.api.Test;

final class WirePartTest {
    private static final long NOW = 1_800_000_000_000L;

    private static final ReplicaKey KEY = ReplicaKey.ofSeed(Bytes.wrap(new byte[32]));

    @Test
    void a_batch_without_a_part_is_shorter_by_it_before_it_is_compressed() {
        ClinicAuthor author = new ClinicAuthor("clinic-1", KEY, 7, NOW);
        author.batch(500);
        Batch batch = author.batch(200);
        int whole = WireBench.push(batch).size();
        for (WirePart part : WirePart.values()) {
            int without = WireBench.push(part.without(batch)).size();
            if (part == WirePart.AUTHOR) assertThat(without).isEqualTo(whole);
            else assertThat(without).as(part.words()).isLessThan(whole);
        }
        assertThat(whole - WireBench.push(WirePart.SIGNATURE.without(batch)).size()).isEqualTo(65);
    }

    @Test
    void a_batch_has_the_operations_that_were_asked_for() {
        ClinicAuthor author = new ClinicAuthor("clinic-1", KEY, 7, NOW);
        assertThat(author.batch(1).last()).isEqualTo(1);
        Batch second = author.batch(200);
        assertThat(second.first()).isEqualTo(2);
        assertThat(second.last()).isEqualTo(201);
    }
}
