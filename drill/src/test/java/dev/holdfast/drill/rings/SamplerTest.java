package dev.holdfast.drill.rings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.core.merge.Context;
import dev.holdfast.core.operation.Durability;
import dev.holdfast.core.operation.ReplicaId;
import dev.holdfast.drill.report.Sample;
import dev.holdfast.drill.report.Timeline;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private static final ReplicaId AMINA = new ReplicaId(1, 1);

    @Test
    void a_sample_counts_what_was_told_and_what_waits() {
        Ledger ledger = new Ledger();
        for (int seq = 1; seq <= 6; seq++)
            ledger.heard("amina", "saved " + AMINA + " " + seq + " notes n 0 -");
        ledger.heard("amina", "reached EDGE " + AMINA + " 1 5");
        ledger.heard("amina", "reached APPLIED " + AMINA + " 1 2");
        ledger.heard("amina", "refused " + AMINA + " 6 6 forbidden");
        Context database = new Context();
        database.add(AMINA, 1, 3);
        Timeline timeline = new Timeline(() -> 0);
        Sampler.sample(timeline, ledger, database);
        Map<Durability, Long> reached =
                Map.of(
                        Durability.DEVICE, 6L,
                        Durability.EDGE, 5L,
                        Durability.REGION, 2L,
                        Durability.APPLIED, 2L,
                        Durability.GLOBAL, 0L);
        assertThat(timeline.course().samples()).isEqualTo(List.of(new Sample(0, reached, 2, 3)));
    }
}
